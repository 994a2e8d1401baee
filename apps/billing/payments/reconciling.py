"""Stripe against the ledger: everybody who paid or was paid back lately is settled, and what still differs is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import stripe
from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from apps.billing.models import LedgerEntry, Payment, Reversal, StripeCustomer, StripeEvent
from apps.billing.models.payments import EventState
from apps.billing.payments import erasing, inbox, settling
from apps.billing.payments.facts import Fact, MoneyBack, facts_of
from apps.billing.payments.gateway import GoneAtStripe, PaymentsUnavailable, asked
from canvascast import life_signs
from canvascast.logs import get_logger

log = get_logger("payments")

WINDOW = timedelta(days=30)
_MOST_OBJECTS = 100_000
# So many customers in a row, and Stripe itself is away: each costs half a minute of trying.
_MOST_UNANSWERED = 3


@dataclass(frozen=True)
class Drift:
    """Something that differs and was not mended; `id` is Stripe's or the ledger row's."""

    kind: str
    id: str
    text: str


@dataclass(frozen=True)
class Report:
    """`customers` were looked at, `missed_events` had never arrived, `restored` facts were new to the ledger."""

    customers: int
    missed_events: int
    restored: int
    drift: tuple[Drift, ...]


def reconcile_with_stripe(*, since: datetime | None = None) -> Report:
    """Restore what was missed since then, 30 days ago by default, and report what still differs.

    What Stripe refuses to tell of one customer or payment is reported, and no other waits for it. Raises
    PaymentsUnavailable when Stripe itself does not answer, and PaymentsOff; what was restored by then stays.
    """
    since = since or timezone.now() - WINDOW
    inquiry = _Inquiry()
    missed = _keep_missed_events(since)
    customers = _customers_since(since)
    restored = _settle_all(customers, inquiry)
    _close_events(since, except_for={drift.id for drift in inquiry.drift})
    _compare_with_stripe(customers - inquiry.unheard, since, inquiry)
    _compare_with_ledger(since, inquiry)
    return Report(len(customers), missed, restored, tuple(inquiry.drift))


def run_nightly() -> None:
    """Reconcile and log the result; every drift is an error that somebody must look at.

    Raises PaymentsUnavailable when Stripe itself does not answer: then the night's work is still to be done.
    """
    if not settings.PAYMENTS_ENABLED:
        return
    erasing.forget_late()
    inbox.copy_missing()
    inbox.delete_old()
    try:
        undeleted = _delete_erased()
        report = reconcile_with_stripe()
    except PaymentsUnavailable as error:
        log.error("stripe_not_reconciled", reason=error.reason)
        raise
    log.info("stripe_reconciled", customers=report.customers, missed=report.missed_events, restored=report.restored)
    for drift in (*undeleted, *report.drift):
        log.error("stripe_drift", kind=drift.kind, subject=drift.id, text=drift.text)


class _Inquiry:
    """Questions about one thing after the other, what they found, and of what Stripe told nothing."""

    def __init__(self) -> None:
        self.drift: list[Drift] = []
        self.unheard: set[str] = set()
        self._unanswered = 0

    @contextmanager
    def about(self, subject: str) -> Iterator[None]:
        """Make a drift of what Stripe refuses in the block. Raises PaymentsUnavailable once it answers nothing more."""
        try:
            yield
        except PaymentsUnavailable as error:
            self._unanswered = 0 if error.was_answered else self._unanswered + 1
            if self._unanswered >= _MOST_UNANSWERED:
                raise
            self.unheard.add(subject)
            kind = "refused by Stripe" if error.was_answered else "not answered by Stripe"
            self.drift.append(Drift(kind, subject, error.reason))
        else:
            self._unanswered = 0


def _delete_erased() -> list[Drift]:
    """Delete customers whose user was erased; return whom Stripe does not let go."""
    inquiry = _Inquiry()
    for customer_id in erasing.customers_of_erased():
        with inquiry.about(customer_id):
            erasing.delete_customer(customer_id)
    return inquiry.drift


def _keep_missed_events(since: datetime) -> int:
    """Take in what Stripe sent and nobody received, so that it is acted on and copied like the rest."""
    missed = 0
    for event in _listed(lambda client: client.v1.events, since, types=list(inbox.ACTED_ON)):
        missed += inbox.keep(event.to_dict(for_json=True))
    return missed


def _customers_since(since: datetime) -> set[str]:
    """Return every customer of ours who has an event, a payment or a refund since then."""
    found = set(StripeEvent.objects.filter(received_at__gte=since).values_list("customer_id", flat=True))
    sessions = _listed(lambda client: client.v1.checkout.sessions, since, status="complete")
    found |= {_customer(session.customer) for session in sessions}
    found |= {_customer(one.customer) for one in _listed(lambda client: client.v1.invoices, since, status="paid")}
    found |= {_customer(charge.customer) for charge in _listed(lambda client: client.v1.charges, since)}
    for back in (*_listed(lambda client: client.v1.refunds, since), *_listed(lambda client: client.v1.disputes, since)):
        payment = Payment.objects.filter(payment_intent_id=back.payment_intent or "-").first()
        if payment is not None:
            found |= set(_customers_of(payment).values_list("pk", flat=True))
    return found - {""}


def _settle_all(customers: set[str], inquiry: _Inquiry) -> int:
    """Return how many facts were new. Nobody waits for whom Stripe refuses, or a fault of ours leaves unsettled."""
    restored = 0
    for customer_id in sorted(customers):
        try:
            with inquiry.about(customer_id):
                restored += settling.settle(customer_id)
        except (DatabaseError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
            log.exception("customer_not_settled", customer=customer_id)
            inquiry.drift.append(Drift("cannot be settled", customer_id, type(error).__name__))
    return restored


def _close_events(since: datetime, *, except_for: set[str]) -> None:
    """What was given up while Stripe did not answer has been made up for."""
    given_up = StripeEvent.objects.filter(received_at__gte=since, state=EventState.GIVEN_UP)
    given_up.exclude(customer_id__in=except_for).update(state=EventState.DONE, reason="reconciled")


def _compare_with_stripe(customers: set[str], since: datetime, inquiry: _Inquiry) -> None:
    """Find what Stripe says of these customers and the ledger does not, even now."""
    for customer_id in sorted(customers):
        with inquiry.about(customer_id), suppress(GoneAtStripe):
            facts = [fact for fact in facts_of(customer_id) if fact.at >= since]
            missing = [fact for fact in facts if not _is_in_ledger(fact)]
            if missing and StripeCustomer.objects.filter(pk=customer_id).exists():
                inquiry.drift += [_not_in_ledger(fact) for fact in missing]


def _not_in_ledger(fact: Fact) -> Drift:
    return Drift("not in the ledger", fact.id, f"{type(fact).__name__} of {fact.cents} cents")


def _is_in_ledger(fact: Fact) -> bool:
    if isinstance(fact, MoneyBack) and fact.came_again and not fact.is_dispute:
        return not Reversal.objects.filter(pk=fact.id, credits__gt=0, restored_by__isnull=True).exists()
    return Payment.objects.filter(pk=fact.id).exists() or Reversal.objects.filter(pk=fact.id).exists()


def _compare_with_ledger(since: datetime, inquiry: _Inquiry) -> None:
    """Find rows of the ledger that name a payment which Stripe does not know, or that is smaller than the row says."""
    rows = LedgerEntry.objects.filter(idempotency_key__startswith="stripe:", created_at__gte=since)
    for row in rows.filter(payment__isnull=True, reversal__isnull=True, restored_reversal__isnull=True):
        inquiry.drift.append(Drift("no payment", str(row.pk), f"row {row.seq} of {row.user_id} has no payment"))
    payments = Payment.objects.filter(paid_at__gte=since, livemode=settings.STRIPE_LIVE_MODE).select_related("entry")
    for payment in payments.iterator():
        if payment.credits != -payment.entry.d_external:
            text = f"{payment.credits} paid, {-payment.entry.d_external} in the ledger"
            inquiry.drift.append(Drift("amounts", payment.pk, text))
            continue
        with inquiry.about(payment.pk):
            if not _is_at_stripe(payment):
                text = f"{payment.credits} credits, and Stripe knows no such payment"
                inquiry.drift.append(Drift("not at Stripe", payment.pk, text))


def _is_at_stripe(payment: Payment) -> bool:
    try:
        if payment.pk.startswith("in_"):
            return asked(lambda client: client.v1.invoices.retrieve(payment.pk)).status == "paid"
        return asked(lambda client: client.v1.payment_intents.retrieve(payment.pk)).status == "succeeded"
    except GoneAtStripe:
        return False


def _customers_of(payment: Payment) -> QuerySet[StripeCustomer]:
    return StripeCustomer.objects.filter(user_id=payment.user_id, livemode=payment.livemode, is_gone=False)


def _listed(
    service: Callable[[stripe.StripeClient], Any], since: datetime, **conditions: object
) -> list[Any]:  # Any: one of the SDK's services, and its objects
    params = {"created": {"gte": int(since.timestamp())}, "limit": 100, **conditions}

    def whole_list(client: stripe.StripeClient) -> list[Any]:  # Any: as above
        found = []
        for one in service(client).list(params).auto_paging_iter():
            found.append(one)
            life_signs.show()
            if len(found) >= _MOST_OBJECTS:
                log.error("stripe_list_cut", most=_MOST_OBJECTS)
                break
        return found

    return asked(whole_list)


def _customer(given: Any) -> str:  # Any: an id, an expanded customer, or nothing
    return given if isinstance(given, str) else getattr(given, "id", "")
