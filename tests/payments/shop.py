"""A shop in a test: the visits to Stripe's page, and the events that come of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import queries
from apps.billing.models import Checkout, LedgerEntry, Payment, StripeEvent, Subscription
from apps.billing.payments import inbox
from apps.billing.payments.checkouts import start_checkout
from tests.stripe_wire.server import StripeServer

ADDRESS = "/api/webhooks/stripe"


class Shop:
    def __init__(self, stripe: StripeServer) -> None:
        self.stripe = stripe
        self._told = 0

    def visit(self, user: User, item: str, *, back: str = "") -> Checkout:
        """Go to the payment page; nothing is paid yet."""
        start_checkout(user=user, item_key=item, back=back, at=timezone.now())
        return Checkout.objects.filter(user=user).latest("created_at")

    def buy(self, user: User, item: str) -> Checkout:
        """Pay for the item; what Stripe tells of it is not delivered yet."""
        visited = self.visit(user, item)
        self.stripe.pay(visited.session_id)
        return visited

    def subscribe(self, user: User, item: str) -> str:
        """Take a plan, hear of it, and return the subscription's id."""
        self.buy(user, item)
        self.hear()
        return Subscription.objects.filter(user=user).latest("started_at").pk

    def hear(self) -> None:
        """Deliver what Stripe has not told yet, and handle it."""
        told, self._told = self._told, len(self.stripe.events)
        self.deliver(self.stripe.events[told:])

    def deliver(self, events: Sequence[dict]) -> None:
        for event in events:
            assert self.stripe.deliver(event, Client(), path=ADDRESS) == 200
        for event in events:
            inbox.handle(event["id"])

    def deliver_in_disorder(self, seed: int, *, times: int = 5, at_once: int = 8) -> None:
        """Every event `times` times, shuffled, handled by that many at once."""
        events = self.stripe.events * times
        random.Random(seed).shuffle(events)

        def bring(event: dict) -> None:
            try:
                assert self.stripe.deliver(event, Client(), path=ADDRESS) == 200
                inbox.handle(event["id"])
            finally:
                connection.close()

        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(bring, events))


def ledger_of(user: User) -> list[tuple]:
    """What the ledger says, without the ids that chance gave."""
    rows = LedgerEntry.objects.filter(user=user).order_by("seq")
    return [(row.kind, row.d_available, row.d_debt, row.created_at, row.idempotency_key) for row in rows]


def money_of(user: User) -> tuple[int, int]:
    found = queries.balance(user.pk)
    return found.available, found.debt


def unhandled() -> int:
    return StripeEvent.objects.exclude(state="DONE").count()


def payments_of(user: User) -> list[tuple[str, int, int]]:
    rows = Payment.objects.filter(user=user).order_by("paid_at")
    return [(row.item, row.credits, row.cents) for row in rows]
