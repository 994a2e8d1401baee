"""Paying back, by staff: Stripe gives the money, and what Stripe then says takes the credits."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum

from apps.accounts.models import User
from apps.billing.models import Payment, Reversal, ReversalKind, StripeCustomer
from apps.billing.payments.facts import REASON_KEY
from apps.billing.payments.gateway import GoneAtStripe, PaymentsUnavailable, asked, metadata_of
from apps.billing.payments.settling import settle
from canvascast.amounts import money_in_words
from canvascast.errors import Invalid, Refused
from canvascast.logs import get_logger

log = get_logger("payments")

_FORM_KEY = "canvascast_form"
_PAGE = 100
_REFUSALS = {
    "charge_disputed": "The bank took this payment back already. Answer the dispute at Stripe.",
    "charge_already_refunded": "All of this payment was paid back at Stripe already.",
}


class CannotRefund(Refused):
    """There is no money at Stripe to pay back."""


def refund_payment(*, payment_id: str, cents: int, reason: str, by: User, token: UUID) -> int:
    """Pay back a part or all of a payment and take its credits. Returns how many credits were taken.

    `token` makes a form sent twice one refund. Raises Invalid for more than what is left, CannotRefund, and
    PaymentsUnavailable, after which the same form can be sent again.
    """
    payment = Payment.objects.get(pk=payment_id)
    left = refundable_cents(payment)
    if not payment.payment_intent_id:
        raise CannotRefund("Nothing was charged for this, so nothing can be paid back.")
    if 1 <= cents <= left:
        refund_id = _pay_back(payment, cents, reason, by, token)
    else:
        refund_id = _paid_back_before(payment, cents, token)
        if not refund_id:
            raise Invalid(f"At most {money_in_words(left, payment.currency)} can be paid back.", {"cents": "too much"})
    for customer in StripeCustomer.objects.filter(user_id=payment.user_id, livemode=payment.livemode):
        settle(customer.pk)
    return Reversal.objects.filter(pk=refund_id).values_list("credits", flat=True).first() or 0


def refundable_cents(payment: Payment) -> int:
    """Return what of a payment was not paid back yet; a refund that failed was not."""
    refunds = payment.reversals.filter(kind=ReversalKind.REFUND, restored_by__isnull=True)
    return payment.cents - (refunds.aggregate(total=Sum("cents"))["total"] or 0)


def _pay_back(payment: Payment, cents: int, reason: str, by: User, token: UUID) -> str:
    """Have Stripe give the money; the same token within a day is the same refund. Returns its id."""
    metadata = {REASON_KEY: reason, "canvascast_staff": str(by.pk), _FORM_KEY: str(token)}
    try:
        refund = asked(
            lambda client: client.v1.refunds.create(
                {"payment_intent": payment.payment_intent_id, "amount": cents, "metadata": metadata},
                {"idempotency_key": f"refund:{token}"},
            )
        )
    except GoneAtStripe as error:
        raise CannotRefund("Stripe knows no such payment.") from error
    except PaymentsUnavailable as error:
        if error.reason in _REFUSALS:
            raise CannotRefund(_REFUSALS[error.reason]) from error
        raise
    log.info("payment_refunded", payment=payment.pk, cents=cents, by=str(by.pk))
    return refund.id


def _paid_back_before(payment: Payment, cents: int, token: UUID) -> str:
    """Return the id of the refund that this form made already, whose answer was lost; "" when it made none."""
    refunds = asked(
        lambda client: client.v1.refunds.list({"payment_intent": payment.payment_intent_id, "limit": _PAGE})
    )
    mine = (refund for refund in refunds.data if metadata_of(refund).get(_FORM_KEY) == str(token))
    return next((refund.id for refund in mine if refund.amount == cents), "")
