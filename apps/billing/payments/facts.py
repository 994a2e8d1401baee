"""What Stripe says of one customer's money, as dated facts in the order in which they happened.

Events only hint at a customer: whatever was delivered, lost, doubled or shuffled, these facts are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import stripe

from apps.billing.payments.gateway import asked, metadata_of

if TYPE_CHECKING:
    from stripe.params import ChargeListParams

CHECKOUT_KEY, REASON_KEY = "canvascast_checkout", "canvascast_reason"
_MOST_OBJECTS = 2_000
_PAGE = 100


@dataclass(frozen=True)
class PackPaid:
    """A checkout of a pack was paid. `subtotal_cents` is its price, `cents` what was paid, with taxes."""

    at: datetime
    id: str
    checkout: str
    currency: str
    subtotal_cents: int
    cents: int
    receipt_url: str


@dataclass(frozen=True)
class Line:
    """A line of an invoice: a price, what it came to before discounts and taxes, and the days it is for."""

    price_id: str
    cents: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class InvoicePaid:
    """An invoice of a plan was paid; `renews` is whether a new month began with it."""

    at: datetime
    id: str
    subscription_id: str
    renews: bool
    lines: tuple[Line, ...]
    currency: str
    cents: int
    payment_intent_id: str
    receipt_url: str


@dataclass(frozen=True)
class MoneyBack:
    """Money of a payment went back, or its bank took it back (`is_dispute`); `came_again`: and we have it again.

    So a dispute that was won, or a refund that the customer's bank did not take.
    """

    at: datetime
    id: str
    payment_intent_id: str
    cents: int
    of_cents: int
    is_dispute: bool
    came_again: bool = False
    reason: str = ""


@dataclass(frozen=True)
class PlanState:
    """How a plan is now. `ends_at` is set when it will not renew, or has ended."""

    id: str
    price_id: str
    status: str
    started_at: datetime
    period_ends_at: datetime
    ends_at: datetime | None
    checkout: str


Fact = PackPaid | InvoicePaid | MoneyBack


def plans_of(customer_id: str) -> list[PlanState]:
    """Return the customer's plans, ended ones too. Raises GoneAtStripe and PaymentsUnavailable."""
    listed = asked(
        lambda client: _all(client.v1.subscriptions.list({"customer": customer_id, "status": "all", "limit": _PAGE}))
    )
    return [_plan(one) for one in listed if one["items"].data]


def facts_of(customer_id: str) -> list[Fact]:
    """Return all that was paid and paid back, oldest first. Raises GoneAtStripe and PaymentsUnavailable."""
    params: ChargeListParams = {"customer": customer_id, "limit": _PAGE, "expand": ["data.refunds"]}
    charges = asked(lambda client: _all(client.v1.charges.list(params)))
    facts: list[Fact] = [*_packs(customer_id, charges), *_invoices(customer_id)]
    for charge in charges:
        facts += _money_back(charge)
    # A payment and its refund in one second: the payment came first.
    return sorted(facts, key=lambda fact: (fact.at, isinstance(fact, MoneyBack), fact.id))


def _packs(customer_id: str, charges: Iterable[stripe.Charge]) -> Iterator[PackPaid]:
    paid_by = {_id(charge.payment_intent): charge for charge in charges if charge.paid}
    sessions = asked(
        lambda client: _all(
            client.v1.checkout.sessions.list({"customer": customer_id, "status": "complete", "limit": _PAGE})
        )
    )
    for session in sessions:
        intent = _id(session.payment_intent)
        if session.mode != "payment" or session.payment_status != "paid" or intent not in paid_by:
            continue
        charge = paid_by[intent]
        yield PackPaid(
            at=moment(charge.created),
            id=intent,
            checkout=metadata_of(session).get(CHECKOUT_KEY, ""),
            currency=session.currency or "",
            subtotal_cents=session.amount_subtotal or 0,
            cents=session.amount_total or 0,
            receipt_url=charge.receipt_url or "",
        )


def _invoices(customer_id: str) -> Iterator[InvoicePaid]:
    invoices = asked(
        lambda client: _all(
            client.v1.invoices.list(
                {"customer": customer_id, "status": "paid", "limit": _PAGE, "expand": ["data.payments"]}
            )
        )
    )
    for invoice in invoices:
        details = invoice.parent.subscription_details if invoice.parent else None
        if details is None or not invoice.id:
            continue
        paid_at = invoice.status_transitions.paid_at or invoice.created
        yield InvoicePaid(
            at=moment(paid_at),
            id=invoice.id,
            subscription_id=_id(details.subscription),
            renews=invoice.billing_reason == "subscription_cycle",
            lines=tuple(_lines(invoice)),
            currency=invoice.currency,
            cents=invoice.amount_paid,
            payment_intent_id=_intent_of(invoice),
            receipt_url=invoice.hosted_invoice_url or "",
        )


def _lines(invoice: stripe.Invoice) -> Iterator[Line]:
    for line in invoice.lines.data:
        price = line.pricing.price_details.price if line.pricing and line.pricing.price_details else None
        if price is not None:
            yield Line(_id(price), line.amount, moment(line.period.start), moment(line.period.end))


def _intent_of(invoice: stripe.Invoice) -> str:
    payments = invoice.payments.data if invoice.payments else []
    # An invoice that staff marked as paid elsewhere has no payment intent, not even an empty one.
    intents = [_id(getattr(each.payment, "payment_intent", None)) for each in payments if each.status == "paid"]
    return next((intent for intent in intents if intent), "")


def _money_back(charge: stripe.Charge) -> Iterator[MoneyBack]:
    intent = _id(charge.payment_intent)
    # A refund that failed leaves nothing in `amount_refunded`: the list itself is looked at.
    for refund in _refunds(charge):
        if refund.status in ("succeeded", "failed", "canceled"):
            yield MoneyBack(
                moment(refund.created),
                refund.id,
                intent,
                refund.amount,
                charge.amount,
                is_dispute=False,
                came_again=refund.status != "succeeded",
                reason=metadata_of(refund).get(REASON_KEY, refund.reason or ""),
            )
    if charge.disputed:
        disputes = asked(lambda client: _all(client.v1.disputes.list({"charge": charge.id, "limit": _PAGE})))
        for dispute in disputes:
            # An inquiry, which takes no money yet, has a status of its own kind.
            if not dispute.status.startswith("warning"):
                yield MoneyBack(
                    moment(dispute.created),
                    dispute.id,
                    intent,
                    dispute.amount,
                    charge.amount,
                    is_dispute=True,
                    came_again=dispute.status == "won",
                    reason=dispute.reason,
                )


def _refunds(charge: stripe.Charge) -> list[stripe.Refund]:
    if charge.refunds is not None and not charge.refunds.has_more:
        return charge.refunds.data
    return asked(lambda client: _all(client.v1.refunds.list({"charge": charge.id, "limit": _PAGE})))


def _plan(subscription: stripe.Subscription) -> PlanState:
    item = subscription["items"].data[0]
    period_ends_at = moment(item.current_period_end)
    ends = subscription.ended_at or subscription.cancel_at
    if ends is None and subscription.cancel_at_period_end:
        ends = item.current_period_end
    return PlanState(
        id=subscription.id,
        price_id=item.price.id,
        status=subscription.status,
        started_at=moment(subscription.start_date),
        period_ends_at=period_ends_at,
        ends_at=moment(ends) if ends else None,
        checkout=metadata_of(subscription).get(CHECKOUT_KEY, ""),
    )


def moment(seconds: int) -> datetime:
    """Return Stripe's time, seconds since 1970, as a time of ours."""
    return datetime.fromtimestamp(seconds, UTC)


def _all(listed: Any) -> list[Any]:  # Any: a list of one kind of Stripe's objects
    """Return all pages; more than 2,000 objects of one customer are nobody's, and are not looked at."""
    found = []
    for one in listed.auto_paging_iter():
        found.append(one)
        if len(found) >= _MOST_OBJECTS:
            break
    return found


def _id(given: Any) -> str:  # Any: an id, or the object itself where it was expanded
    if given is None:
        return ""
    return given if isinstance(given, str) else str(given.id)
