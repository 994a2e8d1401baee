"""Reads about payments, for the pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings

from apps.accounts.models import User
from apps.billing.catalogue import CURRENCY, ITEMS
from apps.billing.models import Checkout, Payment, StripePrice, Subscription
from apps.billing.payments.plans import running_subscription
from apps.billing.payments.states import UNPAID
from canvascast.amounts import money_in_words
from canvascast.errors import NotFound

_MOST_RECEIPTS = 60


@dataclass(frozen=True)
class Plan:
    """A user's plan as a page shows it. `ends_at`: it will not renew; `is_unpaid`: the last month was not paid."""

    id: str
    key: str
    name: str
    credits: int
    price: str
    rollover: int
    renews_at: datetime
    ends_at: datetime | None
    is_unpaid: bool


@dataclass(frozen=True)
class Receipt:
    """One payment. `url` is Stripe's receipt or invoice; `back` says what was paid back, empty if nothing was."""

    id: str
    at: datetime
    what: str
    amount: str
    credits: int
    url: str
    back: str


@dataclass(frozen=True)
class Arrival:
    """What became of a visit to the payment page: its credits are there, or the payment is still on its way."""

    checkout_id: UUID
    state: Literal["waiting", "added"]
    credits: int
    item: str
    back: str
    receipt_url: str


def plan_of(user: User) -> Plan | None:
    """Return the plan that the user has now."""
    row = running_subscription(user)
    return None if row is None else shown_plan(row)


def shown_plan(row: Subscription) -> Plan:
    """Return a subscription as pages and API show it, with the price and the credits that its owner signed up for."""
    item = ITEMS[row.plan]
    # A worker of an older version notes a dearer plan and leaves the price as it was.
    paid = StripePrice.objects.filter(pk=row.price_id, item=row.plan).first() if row.price_id else None
    sold = paid or item
    return Plan(
        id=row.pk,
        key=item.key,
        name=item.name,
        credits=sold.credits,
        price=money_in_words(sold.cents, CURRENCY),
        rollover=item.rollover,
        renews_at=row.period_ends_at,
        ends_at=row.ends_at,
        is_unpaid=row.status in UNPAID,
    )


def receipts(user: User) -> list[Receipt]:
    """Return the user's payments, newest first. Two queries."""
    rows = Payment.objects.filter(user=user, livemode=settings.STRIPE_LIVE_MODE).prefetch_related("reversals")
    return [_receipt(row) for row in rows.order_by("-paid_at", "-entry__seq")[:_MOST_RECEIPTS]]


def arrival(user: User, checkout_id: UUID) -> Arrival:
    """Return what became of one of the user's visits to the payment page. Raises NotFound for somebody else's."""
    checkout = Checkout.objects.filter(user=user, pk=checkout_id).first()
    if checkout is None:
        raise NotFound
    payment = Payment.objects.filter(checkout=checkout).order_by("paid_at").first()
    return Arrival(
        checkout_id=checkout.pk,
        state="waiting" if payment is None else "added",
        credits=checkout.credits if payment is None else payment.credits,
        item=ITEMS[checkout.item].name,
        back=checkout.back,
        receipt_url="" if payment is None else payment.receipt_url,
    )


def _receipt(row: Payment) -> Receipt:
    item = ITEMS[row.item]
    back = sum(reversal.cents for reversal in row.reversals.all() if reversal.restored_by_id is None)
    return Receipt(
        id=row.pk,
        at=row.paid_at,
        what=f"{item.name} plan" if item.is_plan else f"{item.name} pack",
        amount=money_in_words(row.cents, row.currency),
        credits=row.credits,
        url=row.receipt_url,
        back=money_in_words(back, row.currency) if back else "",
    )
