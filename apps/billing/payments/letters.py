"""What users are told about payments; each is written in the transaction of its fact."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apps.billing.catalogue import ITEMS
from apps.billing.models import Payment, Subscription
from apps.billing.queries import balance, end_of_plan_credits
from apps.notifications.actions import record
from apps.notifications.models import Event
from canvascast.amounts import credits_in_words


def tell_receipt(payment: Payment) -> None:
    """A pack was paid and its credits are there."""
    record(
        user_id=payment.user_id,
        event=Event.PURCHASE_RECEIPT,
        key=payment.pk,
        facts={
            "item": credits_in_words(payment.credits),
            "credits": payment.credits,
            "cents": payment.cents,
            "currency": payment.currency,
            "receipt": payment.receipt_url,
            "available": balance(payment.user_id).available,
        },
        at=timezone.now(),
    )


def tell_month(payment: Payment, *, carried: int, until: datetime, renews: bool) -> None:
    """A month of a plan, or the way to a dearer one within it, was paid and its credits are there."""
    is_first = not Payment.objects.filter(subscription=payment.subscription).exclude(pk=payment.pk).exists()
    record(
        user_id=payment.user_id,
        event=Event.SUBSCRIPTION_RENEWED,
        key=payment.pk,
        facts={
            "plan": ITEMS[payment.item].name,
            "credits": payment.credits,
            "rolled": carried,
            "cents": payment.cents,
            "currency": payment.currency,
            "until": until.date().isoformat(),
            "receipt": payment.receipt_url,
            "available": balance(payment.user_id).available,
            **({"first": 1} if is_first else {} if renews else {"changed": 1}),
        },
        at=timezone.now(),
    )


def tell_unpaid(subscription: Subscription, *, invoice_id: str, cents: int, currency: str, next_try: str) -> None:
    """A month of a plan could not be charged, and what is left of the paid one lasts for some days more."""
    end = end_of_plan_credits(subscription.user_id, at=timezone.now())
    record(
        user_id=subscription.user_id,
        event=Event.PAYMENT_FAILED,
        key=invoice_id,
        facts={
            "plan": ITEMS[subscription.plan].name,
            "cents": cents,
            "currency": currency,
            "next": next_try,
            "until": end.isoformat() if end else "",
        },
        at=timezone.now(),
    )


def tell_ending(subscription: Subscription, *, unspent: int) -> None:
    """A plan ends soon and will not renew."""
    assert subscription.ends_at is not None
    record(
        user_id=subscription.user_id,
        event=Event.SUBSCRIPTION_EXPIRING,
        key=f"{subscription.pk}:{subscription.ends_at.date()}",
        facts={
            "plan": ITEMS[subscription.plan].name,
            "until": subscription.ends_at.date().isoformat(),
            "credits": unspent,
        },
        at=timezone.now(),
    )
