"""What Stripe sent: kept once, answered at once, handled by the queue, and found again when its hint was lost."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.billing.models import StripeCustomer, StripeEvent, Subscription
from apps.billing.models.payments import EventState
from apps.billing.payments import letters
from apps.billing.payments.facts import moment
from apps.billing.payments.gateway import GoneAtStripe, PaymentsUnavailable, asked
from apps.billing.payments.settling import settle
from canvascast import hints
from canvascast.logs import get_logger

log = get_logger("payments")

MOST_TRIES = 16
MOST_COPY_TRIES = 5
# Kept for questions about a payment; what it says of a person goes with their account.
KEPT_FOR = timedelta(days=90)
ACTED_ON = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.closed",
)
"""All other events are only copied."""
_COPY = "apps.billing.tasks.copy_event"
_HINTS = hints.Hints(StripeEvent, task="apps.billing.tasks.handle_event", queue=hints.QUICK)
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 5.0, 6 * 3600.0
_MOST_GIVEN_UP_AT_ONCE = 16
# A Stripe that does not answer costs a worker most of a minute: others' mail goes first before the next try.
_AWAY, _AWAY_SECONDS = "stripe-away", 60


def keep(event: Mapping[str, Any]) -> bool:  # Any: Stripe's JSON
    """Store a verified event with a hint for the queue. False when it was there."""
    customer_id = customer_in(event)
    payload = {} if _is_of_erased(customer_id) else event
    facts = {"type": event["type"], "customer_id": customer_id, "payload": payload}
    with transaction.atomic():
        _, is_new = StripeEvent.objects.get_or_create(pk=event["id"], defaults=facts)
        if is_new:
            _HINTS.send([event["id"]])
    return is_new


def handle(event_id: str) -> None:
    """Act on the event, unless somebody else does or did; what fails is tried again later, for about three days."""
    if cache.get(_AWAY) or not _claim(event_id):
        return
    event = StripeEvent.objects.get(pk=event_id)
    try:
        _name_customer(event)
        if event.type in ACTED_ON and event.customer_id:
            _act(event)
    except PaymentsUnavailable as error:
        _postpone(event, error.reason)
        if error.reason == "APIConnectionError":
            cache.set(_AWAY, True, _AWAY_SECONDS)
    else:
        StripeEvent.objects.filter(pk=event_id).update(state=EventState.DONE, reason="")
        hints.send(_COPY, event_id, queue=hints.QUICK)


def sweep() -> None:
    """Find events whose hint vanished, whose worker died, or which cannot be handled. The supervisor calls it."""
    _give_up_exhausted()
    due = StripeEvent.objects.filter(_due()).order_by("received_at")
    _HINTS.send_forgotten(due, again_after=timedelta(seconds=settings.LEASE_SECONDS))


def copy_missing() -> int:
    """Queue again the events that dj-stripe has no copy of. Returns how many."""
    missing = StripeEvent.objects.filter(
        state=EventState.DONE,
        copied_at__isnull=True,
        copy_tries__lt=MOST_COPY_TRIES,
        received_at__lt=timezone.now() - timedelta(minutes=5),
    ).exclude(payload={})
    ids = list(missing.order_by("received_at").values_list("pk", flat=True)[:100])
    for event_id in ids:
        hints.send(_COPY, event_id, queue=hints.QUICK)
    return len(ids)


def delete_old() -> int:
    """Delete events that nobody will ask about any more. Returns how many."""
    old = StripeEvent.objects.filter(received_at__lt=timezone.now() - KEPT_FOR).exclude(state=EventState.NEW)
    return old.delete()[0]


def customer_in(event: Mapping[str, Any]) -> str:  # Any: as above
    """Return the customer that the event is about, as far as it says so."""
    thing = event["data"]["object"]
    found = thing.get("id") if thing.get("object") == "customer" else thing.get("customer")
    return found if isinstance(found, str) else (found or {}).get("id", "")


def _is_of_erased(customer_id: str) -> bool:
    """Stripe tells of the deletion of a customer with their address; nothing of an erased user is kept again."""
    return StripeCustomer.objects.filter(pk=customer_id, user__profile__erased_at__isnull=False).exists()


def _name_customer(event: StripeEvent) -> None:
    """Note whose the event is where it names no customer but a charge, as refunds and disputes do.

    They tell of the payer too: of an erased one nothing is kept, and later erasures find it by the customer.
    """
    if not event.payload:
        return
    if not event.customer_id and (found := _customer_of_charge(event)):
        event.customer_id = found
        StripeEvent.objects.filter(pk=event.pk).update(customer_id=found)
    if _is_of_erased(event.customer_id):
        event.payload = {}
        StripeEvent.objects.filter(pk=event.pk).update(payload={})


def _act(event: StripeEvent) -> None:
    settle(event.customer_id)
    if event.type == "invoice.payment_failed" and event.payload:
        _tell_unpaid(event.payload["data"]["object"]["id"])


def _customer_of_charge(event: StripeEvent) -> str:
    charge_id = event.payload["data"]["object"].get("charge")
    if not isinstance(charge_id, str):
        return ""
    try:
        charge = asked(lambda client: client.v1.charges.retrieve(charge_id))
    except GoneAtStripe:
        return ""
    return charge.customer if isinstance(charge.customer, str) else ""


def _tell_unpaid(invoice_id: str) -> None:
    """Tell of it while it is unpaid: the event may be days late."""
    try:
        invoice = asked(lambda client: client.v1.invoices.retrieve(invoice_id))
    except GoneAtStripe:
        return
    details = invoice.parent.subscription_details if invoice.parent else None
    if invoice.status != "open" or details is None:
        return
    subscription = Subscription.objects.filter(pk=details.subscription).first()
    if subscription is not None and invoice.billing_reason != "subscription_create":
        next_try = moment(invoice.next_payment_attempt).date().isoformat() if invoice.next_payment_attempt else ""
        letters.tell_unpaid(
            subscription,
            invoice_id=invoice_id,
            cents=invoice.amount_due,
            currency=invoice.currency,
            next_try=next_try,
        )


def _claim(event_id: str) -> bool:
    """Count the try and keep others away for its time, in one UPDATE."""
    lease = Now() + timedelta(seconds=4 * settings.LEASE_SECONDS)
    taken = StripeEvent.objects.filter(_due(), pk=event_id).update(tries=F("tries") + 1, due_at=lease)
    return taken == 1


def _postpone(event: StripeEvent, reason: str) -> None:
    wait = min(_FIRST_WAIT_SECONDS * 2**event.tries, _LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.0)
    due_at = Now() + timedelta(seconds=wait)
    StripeEvent.objects.filter(pk=event.pk, state=EventState.NEW).update(
        due_at=due_at, hinted_at=None, reason=reason[:60]
    )


def _give_up_exhausted() -> None:
    exhausted = StripeEvent.objects.filter(state=EventState.NEW, tries__gte=MOST_TRIES, due_at__lte=Now())
    for event_id in exhausted.values_list("pk", flat=True)[:_MOST_GIVEN_UP_AT_ONCE]:
        if exhausted.filter(pk=event_id).update(state=EventState.GIVEN_UP):
            log.error("stripe_event_given_up", eventId=event_id)


def _due() -> Q:
    return Q(state=EventState.NEW, due_at__lte=Now(), tries__lt=MOST_TRIES)
