"""The server, and the hands of the tests: what customers, banks and time do to the account."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from tests.stripe_wire import checkout_outcomes, invoice_preview, pages, plan_changes, subscriptions, timeline
from tests.stripe_wire.accounts import new_account, new_webhook_endpoint
from tests.stripe_wire.checkout import expire_session
from tests.stripe_wire.delivery import Courier, payload_of, post, signature
from tests.stripe_wire.disputes import close_dispute, open_dispute
from tests.stripe_wire.faults import Fault
from tests.stripe_wire.http import Asked, StripeHttp
from tests.stripe_wire.invoices import intent_of
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.portal import new_configuration
from tests.stripe_wire.refunds import create_refund, fail_refund
from tests.stripe_wire.store import Obj, letters, visible
from tests.stripe_wire.world import World

# Answers the API and is called by nothing else here.
__all__ = ["StripeServer", "invoice_preview", "serving_stripe"]

Target = Any  # a webhook URL, or Django's test client
Order = str | Callable[[list[Obj]], list[Obj]]


class StripeServer:
    """A Stripe account in test mode at `url`. What the methods return are copies; ids are taken everywhere.

    `at` is the account's time at the start (now if None); it stands still but for `advance`.
    `has_default_portal` saves a default portal configuration, as the dashboard does.
    """

    def __init__(
        self,
        *,
        at: datetime | None = None,
        key: str = "",
        webhook_secret: str = "",
        port: int = 0,
        has_default_portal: bool = False,
        at_once: int = 1,
    ) -> None:
        self.key = key or f"sk_test_{letters(32)}"
        self.webhook_secret = webhook_secret or f"whsec_{letters(32)}"
        self._world = World(at=at)
        new_account(self._world)
        if has_default_portal:
            new_configuration(self._world, is_default=True)
        self._http = StripeHttp(self._world, self.key, lambda call: pages.answer(self._world, call), port=port)
        self._world.url = self._http.url
        self.webhooks = Courier(self._world, at_once=at_once)
        self._world.on_event = self.webhooks.offer

    @property
    def url(self) -> str:
        return self._http.url

    @property
    def requests(self) -> list[Asked]:
        """Every request to the API, oldest first."""
        return list(self._http.log)

    @property
    def events(self) -> list[Obj]:
        """Every event as it is delivered, oldest first."""
        with self._world.turn():
            return [visible(event) for event in self._world.events]

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._world.now, UTC)

    def client(self, **options: Any) -> stripe.StripeClient:
        """The SDK, pointed here."""
        return stripe.StripeClient(self.key, base_addresses={"api": self.url}, **options)

    def object(self, id_: str) -> Obj:
        """Raise KeyError where there is none."""
        with self._world.turn():
            found = self._world.store.find(id_)
            if found is None:
                raise KeyError(id_)
            shown: Obj = visible(found)
            return shown

    def objects(self) -> list[Obj]:
        """Every object of the account, oldest first."""
        with self._world.turn():
            return [visible(one) for one in self._world.store]

    def events_of(self, *kinds: str) -> list[Obj]:
        """Those of these types, or all."""
        return [event for event in self.events if not kinds or event["type"] in kinds]

    def close(self) -> None:
        self.webhooks.close()
        self._http.close()

    def pay(self, session: str, *, later: bool = False, email: str | None = None) -> Obj:
        """With `later` by bank debit: on its way until `async_succeed` or `async_fail`."""
        return self._act(session, lambda world, obj: checkout_outcomes.pay(world, obj, later=later, email=email))

    def async_succeed(self, session: str) -> Obj:
        return self._act(session, checkout_outcomes.settle)

    def async_fail(self, session: str) -> Obj:
        return self._act(session, checkout_outcomes.break_off)

    def decline(self, session: str) -> Obj:
        """The card is refused; the session stays open."""
        return self._act(session, checkout_outcomes.decline)

    def abandon(self, session: str) -> Obj:
        """The customer leaves and the session expires, now."""
        return self._act(session, lambda world, obj: expire_session(world, {}, obj["id"]))

    def card_fails(self, customer: str, fails: bool = True) -> None:
        """Whether the customer's saved card refuses from now on."""
        with self._world.turn():
            (self._world.failing_customers.add if fails else self._world.failing_customers.discard)(customer)

    def refund(self, payment: str, cents: int | None = None, **params: Any) -> Obj:
        """`payment` is the id of a session, payment intent, charge or invoice; the rest of it where `cents` is None."""
        with self._world.turn():
            given = {"charge": self._charge_of(payment)["id"], **params}
            return self._copy(create_refund(self._world, given | ({} if cents is None else {"amount": cents})))

    def fail_refund(self, refund: str) -> Obj:
        return self._act(refund, fail_refund)

    def dispute(self, payment: str, reason: str = "fraudulent") -> Obj:
        """The bank takes the charge of a session, payment intent, charge or invoice back."""
        with self._world.turn():
            return self._copy(open_dispute(self._world, self._charge_of(payment), reason))

    def close_dispute(self, dispute: str, status: str) -> Obj:
        """`status` is "won" or "lost"."""
        if status not in ("won", "lost"):
            raise ValueError(status)
        return self._act(dispute, lambda world, obj: close_dispute(world, obj, status))

    def cancel_now(self, sub: str) -> Obj:
        return self._act(sub, lambda world, obj: subscriptions.end(world, obj, "cancellation_requested"))

    def schedule(self, sub: str) -> Obj:
        """Let a schedule manage the subscription, as after a choice of a cheaper plan."""
        return self._act(sub, plan_changes.schedule_change)

    def change_plan(self, sub: str, price: str, **params: Any) -> Obj:
        """`params` as the API takes them: proration_behavior, billing_cycle_anchor…"""
        with self._world.turn():
            item = self._world.store.get("subscription", sub)["items"]["data"][0]["id"]
            given: Params = {"items": [{"id": item, "price": price}], **params}
            return self._copy(plan_changes.update_subscription(self._world, given, sub))

    def forget(self, customer: str) -> None:
        """Let there be no such customer, and nothing of theirs: the account's test data was deleted."""
        with self._world.turn():
            for id_ in [obj["id"] for obj in self._world.store if customer in (obj["id"], obj.get("customer"))]:
                self._world.store.remove(id_)

    def delete_test_data(self) -> None:
        """Empty the account, as the dashboard's button does: no product, no customer, no key that was used.

        The events of before are remembered, and nobody else does.
        """
        with self._world.turn():
            for id_ in [obj["id"] for obj in self._world.store if obj["object"] != "account"]:
                self._world.store.remove(id_)
            self._http.forget_keys()

    def advance(self, *, to: datetime | None = None, **delta: float) -> None:
        """Move the clock, and let everything happen that is due on the way; `delta` as timedelta takes it."""
        target = int(to.timestamp()) if to else self._world.now + int(timedelta(**delta).total_seconds())
        timeline.advance(self._world, target)

    def send_webhooks(self, url: str, events: tuple[str, ...] = ("*",)) -> str:
        """Deliver events to `url` from now on, signed with `webhook_secret`; return the endpoint's id."""
        with self._world.turn():
            made = new_webhook_endpoint(self._world, url, self.webhook_secret, list(events))
            return str(made["id"])

    def deliver(
        self, event: Mapping[str, Any], to: Target, *, path: str = "", at: float | None = None, secret: str = ""
    ) -> int:
        """Post one event and return the status; a test client gets it at `path`, signed at `at` (now if None)."""
        payload = payload_of(dict(event))
        header = signature(payload, secret or self.webhook_secret, at)
        if isinstance(to, str):
            return post(to, payload, header)
        response = to.post(path, data=payload, content_type="application/json", headers={"stripe-signature": header})
        return int(response.status_code)

    def deliver_all(self, to: Target, *, order: Order = "made", path: str = "", seed: int = 0) -> list[int]:
        """Post every event once, as "made", "reversed", "shuffled" by `seed`, or as a function orders them."""
        events = self.events
        if order == "reversed":
            events.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(events)
        elif callable(order):
            events = order(events)
        return [self.deliver(event, to, path=path) for event in events]

    def fail(self, path: str, *faults: Fault, method: str = "") -> None:
        """Let the next requests to `path` (a regular expression) meet these faults, one each."""
        with self._world.turn():
            self._http.faults.add(path, *faults, method=method)

    def _act(self, id_: str, act: Callable[[World, Obj], Any]) -> Obj:
        with self._world.turn():
            found = self._world.store.find(id_)
            if found is None:
                raise KeyError(id_)
            act(self._world, found)
            return self._copy(found)

    def _copy(self, obj: Obj) -> Obj:
        shown: Obj = visible(obj)
        return shown

    def _charge_of(self, payment: str) -> Obj:
        obj = self.object(payment)
        if obj["object"] == "checkout.session":
            obj = self.object(obj["payment_intent"] or obj["invoice"])
        if obj["object"] == "invoice":
            obj = intent_of(self._world, obj)
        charge = obj["id"] if obj["object"] == "charge" else obj["latest_charge"]
        return self._world.store.get("charge", charge)


@contextmanager
def serving_stripe(**options: Any) -> Iterator[StripeServer]:
    """A server for the block; `options` as StripeServer takes them."""
    server = StripeServer(**options)
    try:
        yield server
    finally:
        server.close()
