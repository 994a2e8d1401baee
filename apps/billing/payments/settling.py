"""From what Stripe says of a customer to the ledger: each fact once, in the order in which they happened.

Every fact is a transaction of its own and has a key of its own, so that this can run any number of times, many at once,
and stop anywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fractions import Fraction
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from apps.billing import ledger
from apps.billing.catalogue import CURRENCY, ITEMS, Item
from apps.billing.models import (
    Checkout,
    CheckoutState,
    LedgerEntry,
    Payment,
    Reversal,
    ReversalKind,
    Source,
    StripeCustomer,
    Subscription,
)
from apps.billing.payments import customers, letters
from apps.billing.payments.facts import Fact, InvoicePaid, MoneyBack, PackPaid, PlanState, facts_of, plans_of
from apps.billing.payments.gateway import GoneAtStripe
from apps.billing.payments.price_list import known_price
from apps.billing.payments.states import RUNNING
from apps.billing.rollover import GRACE, lapsed_of
from apps.billing.words import DISPUTE_WON, DISPUTED, REFUND_FAILED
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind
from canvascast.logs import get_logger

log = get_logger("payments")


def settle(customer_id: str) -> int:
    """Bring plan and ledger to what Stripe says of the customer. Returns how many facts were new.

    A customer of another site at the same Stripe account is left alone. Raises PaymentsUnavailable.
    """
    user_id = customers.user_of(customer_id)
    if user_id is None:
        return 0
    asked_at = timezone.now()
    try:
        plans, facts = plans_of(customer_id), facts_of(customer_id)
    except GoneAtStripe:
        customers.forget(customer_id)
        _end_plans(user_id, asked_at)
        return 0
    for plan in plans:
        _note_plan(plan, user_id, asked_at)
    known = _known_keys(facts)
    return sum(_settle_fact(fact, user_id) for fact in facts if not _is_known(fact, known))


@transaction.atomic
def _end_plans(user_id: UUID, asked_at: datetime) -> None:
    """A customer who was deleted at Stripe took their plan with them."""
    if StripeCustomer.objects.filter(user_id=user_id, livemode=settings.STRIPE_LIVE_MODE, is_gone=False).exists():
        return
    mine = Subscription.objects.filter(user_id=user_id, livemode=settings.STRIPE_LIVE_MODE, status__in=RUNNING)
    ended = list(mine.filter(asked_at__lt=asked_at).values_list("pk", flat=True))
    mine.filter(asked_at__lt=asked_at).update(status="canceled", ends_at=asked_at, asked_at=asked_at)
    for subscription in Subscription.objects.filter(pk__in=ended):
        _note_churn(subscription)


def _known_keys(facts: Collection[Fact]) -> set[str]:
    """Return the ids that need no look; one query for each table."""
    ids = [fact.id for fact in facts]
    paid = Payment.objects.filter(pk__in=ids).values_list("pk", flat=True)
    back = Reversal.objects.filter(pk__in=ids).values_list("pk", "restored_by_id")
    again = {f"{pk}:again" for pk, restored_by in back if restored_by}
    return {*paid, *(pk for pk, _ in back), *again}


def _is_known(fact: Fact, known: Collection[str]) -> bool:
    if isinstance(fact, MoneyBack) and fact.came_again:
        return f"{fact.id}:again" in known
    return fact.id in known


def _settle_fact(fact: Fact, user_id: UUID) -> bool:
    match fact:
        case PackPaid():
            return _grant_pack(fact, user_id)
        case InvoicePaid():
            return _grant_month(fact, user_id)
        case MoneyBack():
            return _take_back(fact, user_id)


@transaction.atomic
def _grant_pack(paid: PackPaid, user_id: UUID) -> bool:
    checkout = Checkout.objects.filter(pk=paid.checkout, user_id=user_id).first() if paid.checkout else None
    if checkout is None:
        # Nothing of ours: another product of the same account, or somebody's manual work.
        log.warning("payment_without_checkout", payment=paid.id)
        return False
    if (paid.subtotal_cents, paid.currency) != (checkout.cents, CURRENCY):
        log.error("payment_differs_from_promise", payment=paid.id, cents=paid.subtotal_cents, currency=paid.currency)
        return False
    entry = ledger.purchase(
        user_id=user_id,
        credits=checkout.credits,
        source=Source.PACK,
        reason=ITEMS[checkout.item].name,
        key=f"stripe:{paid.id}",
        expires_at=None,
        at=paid.at,
    )
    is_new = _note_payment(
        Payment(
            pk=paid.id,
            user_id=user_id,
            livemode=settings.STRIPE_LIVE_MODE,
            item=checkout.item,
            credits=checkout.credits,
            cents=paid.cents,
            currency=paid.currency,
            payment_intent_id=paid.id,
            receipt_url=paid.receipt_url,
            checkout=checkout,
            entry=entry,
            paid_at=paid.at,
        )
    )
    Checkout.objects.filter(pk=checkout.pk).update(state=CheckoutState.PAID)
    if is_new:
        letters.tell_receipt(Payment.objects.get(pk=paid.id))
    return is_new


@transaction.atomic
def _grant_month(paid: InvoicePaid, user_id: UUID) -> bool:
    subscription = Subscription.objects.filter(pk=paid.subscription_id, user_id=user_id).first()
    if subscription is None:
        log.warning("invoice_without_plan", payment=paid.id)
        return False
    bought = _bought(paid)
    if bought is None:
        return False
    item_key, credits, starts_at, ends_at = bought
    is_over = paid.at >= ends_at
    if is_over:
        # An old bill, paid after its month: nobody could use that, so the credits last for a month from now.
        starts_at, ends_at = paid.at, paid.at + (ends_at - starts_at)
    renews = paid.renews and not is_over
    entry, carried = _add_month(paid, user_id, ITEMS[item_key], credits, starts_at, ends_at + GRACE, renews=renews)
    is_new = _note_payment(
        Payment(
            pk=paid.id,
            user_id=user_id,
            livemode=settings.STRIPE_LIVE_MODE,
            item=item_key,
            credits=credits,
            cents=paid.cents,
            currency=paid.currency,
            payment_intent_id=paid.payment_intent_id,
            receipt_url=paid.receipt_url,
            checkout=None if paid.renews else subscription.checkout,
            subscription=subscription,
            entry=entry,
            paid_at=paid.at,
        )
    )
    if is_new:
        letters.tell_month(Payment.objects.get(pk=paid.id), carried=carried, until=ends_at, renews=paid.renews)
    return is_new


def _add_month(
    paid: InvoicePaid,
    user_id: UUID,
    item: Item,
    credits: int,
    began_at: datetime,
    expires_at: datetime,
    *,
    renews: bool,
) -> tuple[LedgerEntry, int]:
    key = f"stripe:{paid.id}"
    if renews:
        return ledger.renew_plan(
            user_id=user_id,
            credits=credits,
            rollover=item.rollover,
            reason=item.name,
            key=key,
            began_at=began_at,
            expires_at=expires_at,
            at=paid.at,
        )
    entry = ledger.purchase(
        user_id=user_id,
        credits=credits,
        source=Source.PLAN,
        reason=item.name,
        key=key,
        expires_at=expires_at,
        at=paid.at,
    )
    return entry, 0


def _bought(paid: InvoicePaid) -> tuple[str, int, datetime, datetime] | None:
    """Return item, credits, begin and end of what the invoice's lines are for.

    A line's credits are as its part of the price: a month in full gives a month's; on the way to a dearer plan the rest
    of the month is paid at the new price less the rest at the old one, and so are its credits.
    """
    total, newest = Fraction(0), None
    for line in paid.lines:
        price = known_price(line.price_id)
        if price is None:
            log.error("unknown_price", payment=paid.id, price=line.price_id)
            continue
        total += Fraction(price.credits * line.cents, price.cents)
        if line.cents > 0 and (newest is None or line.ends_at >= newest[1].ends_at):
            newest = (price, line)
    credits = int(total + Fraction(1, 2))
    if newest is None or credits <= 0:
        return None
    price, line = newest
    return price.item, credits, line.starts_at, line.ends_at


def _note_payment(payment: Payment) -> bool:
    """Write the payment's row unless it is there; True for the one call that wrote it. The wallet is locked by now."""
    if Payment.objects.filter(pk=payment.pk).exists():
        return False
    payment.save(force_insert=True)
    paid_at, item = payment.paid_at, payment.item
    funnel.record(FactKind.PAID, about=payment.pk, at=paid_at, user_id=payment.user_id, detail=item)
    return True


@transaction.atomic
def _take_back(back: MoneyBack, user_id: UUID) -> bool:
    """Take the credits that went with the money; of a dispute that was won, take them and give them back.

    A refund that failed gives back what it took; one that failed before it was heard of never took anything.
    """
    payment = Payment.objects.filter(payment_intent_id=back.payment_intent_id, user_id=user_id).first()
    if payment is None or not back.payment_intent_id:
        log.warning("money_back_without_payment", reversal=back.id)
        return False
    Payment.objects.select_for_update().get(pk=payment.pk)
    reversal = Reversal.objects.filter(pk=back.id).first()
    if reversal is None:
        if back.came_again and not back.is_dispute:
            return False
        reversal = _reverse(payment, back)
    elif not back.came_again or reversal.restored_by_id or not reversal.credits:
        return False
    if back.came_again and reversal.credits:
        reversal.restored_by = _restore(payment, reversal, back)
        reversal.save(update_fields=["restored_by"])
    return True


def _reverse(payment: Payment, back: MoneyBack) -> Reversal:
    """Earlier refunds are counted together, so that rounding never takes more than the whole.

    Of a month whose credits ended unused only the rest goes back: what nobody used nobody owes. What was to end by then
    ends first, and the wallet stays locked, so that nothing ends between the count and the refund.
    """
    ledger.expire_lots_of(user_id=payment.user_id, at=back.at)
    earlier = payment.reversals.filter(restored_by__isnull=True)
    gone = earlier.aggregate(cents=Sum("cents"), credits=Sum("credits"))
    cents = min(back.of_cents, (gone["cents"] or 0) + back.cents)
    due = int(Fraction(payment.credits * cents, back.of_cents) + Fraction(1, 2)) - (gone["credits"] or 0)
    most = payment.credits - lapsed_of(payment.entry.lot) - (gone["credits"] or 0)
    credits = max(0, min(due, most))
    return Reversal.objects.create(
        pk=back.id,
        payment=payment,
        kind=ReversalKind.DISPUTE if back.is_dispute else ReversalKind.REFUND,
        cents=back.cents,
        credits=credits,
        entry=_refund(payment, back, credits) if credits else None,
        reason=back.reason[:300],
        created_at=back.at,
    )


def _refund(payment: Payment, back: MoneyBack, credits: int) -> LedgerEntry:
    return ledger.refund(
        user_id=payment.user_id,
        credits=credits,
        reason=DISPUTED if back.is_dispute else "refunded",
        key=f"stripe:{back.id}",
        at=back.at,
        purchase_key=payment.entry.idempotency_key,
    )


def _restore(payment: Payment, reversal: Reversal, back: MoneyBack) -> LedgerEntry:
    """Credits that come back last as long as those that were taken would have.

    Unless some of them were spent by then and owed, or taken from others: who paid for those gets them without an end.
    """
    lot = payment.entry.lot
    assert reversal.entry is not None
    own = reversal.entry.allocations.filter(lot=lot).aggregate(total=Sum("credits"))["total"] or 0
    return ledger.grant(
        user_id=payment.user_id,
        credits=reversal.credits,
        source=Source(lot.source) if lot.source != Source.PLAN else Source.GIFT,
        reason=DISPUTE_WON if back.is_dispute else REFUND_FAILED,
        key=f"stripe:{back.id}:won",
        expires_at=lot.expires_at if own == reversal.credits else None,
        at=max(back.at, reversal.created_at),
    )


@transaction.atomic
def _note_plan(plan: PlanState, user_id: UUID, asked_at: datetime) -> None:
    """Keep the newest answer about the plan, whichever of two at once is written first."""
    price = known_price(plan.price_id)
    if price is None:
        log.error("unknown_price", subscription=plan.id, price=plan.price_id)
        return
    mine = Checkout.objects.filter(user_id=user_id)
    checkout = mine.filter(pk=plan.checkout).first() if plan.checkout else None
    row = Subscription(
        pk=plan.id,
        user_id=user_id,
        livemode=settings.STRIPE_LIVE_MODE,
        plan=price.item,
        price_id=price.pk,
        status=plan.status,
        period_ends_at=plan.period_ends_at,
        ends_at=plan.ends_at,
        started_at=plan.started_at,
        checkout=checkout,
        asked_at=asked_at,
    )
    Subscription.objects.bulk_create([row], ignore_conflicts=True)
    Subscription.objects.filter(Q(asked_at__lt=asked_at), pk=plan.id, user_id=user_id).update(
        plan=price.item,
        price_id=price.pk,
        status=plan.status,
        period_ends_at=plan.period_ends_at,
        ends_at=plan.ends_at,
        asked_at=asked_at,
    )
    _note_churn(Subscription.objects.get(pk=plan.id))
    if checkout is not None and not plan.status.startswith("incomplete"):
        mine.filter(pk=checkout.pk).update(state=CheckoutState.PAID)


def _note_churn(subscription: Subscription) -> None:
    """Note when the plan began, and, once it neither runs nor waits for its first payment, when it ended."""
    if subscription.status.startswith("incomplete"):
        return
    record = partial(funnel.record, about=subscription.pk, user_id=subscription.user_id, detail=subscription.plan)
    record(FactKind.PLAN_STARTED, at=subscription.started_at)
    if subscription.status not in RUNNING:
        record(FactKind.PLAN_ENDED, at=subscription.ends_at or subscription.asked_at)
