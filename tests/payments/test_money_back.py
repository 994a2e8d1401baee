"""Refunds and disputes (M10): the credits go with the money; what is spent already is owed, blocks, and is repaid."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.billing import ledger
from apps.billing.models import Payment, Reversal
from apps.billing.payments.plans import end_plan
from apps.billing.payments.queries import plan_of
from apps.billing.payments.reconciling import reconcile_with_stripe
from apps.billing.payments.refunding import CannotRefund, refund_payment, refundable_cents
from apps.billing.queries import history
from apps.billing.refusals import DebtOwed
from canvascast.errors import Invalid
from tests.billing.moves import hold
from tests.payments.shop import money_of

pytestmark = pytest.mark.goal("M10")


@pytest.fixture
def bought(shop, buyer):
    visited = shop.buy(buyer, "pack_creator")
    shop.hear()
    return visited.session_id


def spend(buyer, credits, at):
    ledger.finalize(job_id=hold(buyer, credits, at=at), credits=credits, at=at)


def test_a_refund_takes_the_credits_of_its_purchase(shop, buyer, bought):
    shop.stripe.refund(bought)
    shop.hear()
    shop.deliver(shop.stripe.events)

    assert money_of(buyer) == (0, 0)
    assert Reversal.objects.get().credits == 50


def test_refunds_in_parts_take_the_whole_and_never_more(shop, buyer, bought):
    for cents in (1_000, 1_000, 1_900):
        shop.stripe.refund(bought, cents)
    shop.hear()

    assert money_of(buyer) == (0, 0)
    assert sum(Reversal.objects.values_list("credits", flat=True)) == 50


def test_what_was_spent_and_paid_again_comes_back_without_an_end(shop, buyer):
    visited = shop.buy(buyer, "plan_creator")
    shop.hear()
    spend(buyer, 100, shop.stripe.now)
    dispute = shop.stripe.dispute(visited.session_id)
    shop.buy(buyer, "pack_pro")
    shop.hear()
    assert money_of(buyer) == (50, 0)

    shop.stripe.close_dispute(dispute["id"], "won")
    shop.hear()
    ledger.expire_lots(at=shop.stripe.now + timedelta(days=60))

    assert money_of(buyer) == (150, 0)


def test_what_was_unspent_comes_back_with_the_end_it_had(shop, buyer):
    visited = shop.buy(buyer, "plan_creator")
    shop.hear()
    dispute = shop.stripe.dispute(visited.session_id)
    shop.stripe.close_dispute(dispute["id"], "won")
    shop.hear()
    assert money_of(buyer) == (100, 0)

    ledger.expire_lots(at=shop.stripe.now + timedelta(days=60))

    assert money_of(buyer) == (0, 0)


def test_staff_hear_why_a_disputed_payment_cannot_be_paid_back(shop, buyer, bought, admin_user):
    shop.stripe.dispute(bought)

    with pytest.raises(CannotRefund, match="dispute"):
        refund_payment(payment_id=Payment.objects.get().pk, cents=100, reason="x", by=admin_user, token=uuid4())


def test_a_refund_that_fails_days_later_gives_its_credits_back(shop, buyer, bought):
    back = shop.stripe.refund(bought, 1_300)
    shop.hear()
    taken = money_of(buyer)
    shop.stripe.fail_refund(back["id"])
    shop.hear()
    shop.deliver(shop.stripe.events)

    assert (taken, money_of(buyer)) == ((33, 0), (50, 0))
    assert refundable_cents(Payment.objects.get()) == 3_900
    assert history(buyer.pk)[0].text == "Refund did not reach you, credits back"
    assert reconcile_with_stripe().drift == ()


def test_a_refund_that_had_failed_when_it_was_heard_of_takes_nothing(shop, buyer, bought):
    shop.stripe.fail_refund(shop.stripe.refund(bought)["id"])
    shop.hear()

    assert money_of(buyer) == (50, 0)
    assert reconcile_with_stripe().drift == ()


def test_credits_that_are_spent_are_owed_block_and_are_repaid(shop, buyer, bought):
    spend(buyer, 45, shop.stripe.now)
    shop.stripe.refund(bought)
    shop.hear()

    assert money_of(buyer) == (0, 45)
    with pytest.raises(DebtOwed):
        hold(buyer, 1, at=shop.stripe.now)

    shop.buy(buyer, "pack_creator")
    shop.hear()

    assert money_of(buyer) == (5, 0)
    hold(buyer, 1, at=shop.stripe.now)


def test_a_dispute_takes_and_a_won_one_gives_back(shop, buyer, bought):
    spend(buyer, 20, shop.stripe.now)
    dispute = shop.stripe.dispute(bought)
    shop.hear()
    assert money_of(buyer) == (0, 20)

    shop.stripe.close_dispute(dispute["id"], "won")
    shop.hear()
    shop.deliver(shop.stripe.events)

    assert money_of(buyer) == (30, 0)


def test_a_lost_dispute_changes_nothing_more(shop, buyer, bought):
    dispute = shop.stripe.dispute(bought)
    shop.hear()

    shop.stripe.close_dispute(dispute["id"], "lost")
    shop.hear()

    assert money_of(buyer) == (0, 0)


def test_a_month_of_a_plan_that_is_paid_back_takes_its_credits(shop, buyer):
    shop.subscribe(buyer, "plan_creator")

    shop.stripe.refund(Payment.objects.get().pk)
    shop.hear()

    assert money_of(buyer) == (0, 0)


def test_whole_payment_whose_answer_was_lost_is_not_refused_the_second_time(shop, buyer, bought, admin_user):
    payment, token = Payment.objects.get(), uuid4()

    taken = [
        refund_payment(payment_id=payment.pk, cents=3_900, reason="All", by=admin_user, token=token) for _ in range(2)
    ]

    assert (taken, Reversal.objects.count(), money_of(buyer)) == ([50, 50], 1, (0, 0))


def test_staff_pay_back_once_with_a_reason(shop, buyer, bought, admin_user):
    payment = Payment.objects.get()
    token = "7d0a2a4e-52a4-4b5c-9a55-2f4c8f1f7a11"

    taken = [
        refund_payment(payment_id=payment.pk, cents=1_950, reason="Wrong pack", by=admin_user, token=token)
        for _ in range(2)
    ]

    assert taken == [25, 25]
    assert Reversal.objects.get().reason == "Wrong pack"
    assert money_of(buyer) == (25, 0)
    with pytest.raises(Invalid):
        refund_payment(payment_id=payment.pk, cents=1_951, reason="More", by=admin_user, token=token)


def test_a_month_that_ended_unused_and_is_paid_back_leaves_no_debt(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    paid = Payment.objects.get()
    end_plan(user=buyer)
    shop.stripe.advance(days=36)
    shop.hear()
    ledger.expire_lots(at=shop.stripe.now)

    shop.stripe.refund(paid.pk)
    shop.hear()

    assert money_of(buyer) == (0, 0)


@pytest.mark.slow
def test_a_month_that_is_paid_back_before_the_clock_took_its_rest_leaves_no_debt(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    paid = Payment.objects.get()
    end_plan(user=buyer)
    shop.stripe.advance(days=36)

    shop.stripe.refund(paid.pk)
    shop.hear()

    assert money_of(buyer) == (0, 0)


def test_of_a_month_that_was_carried_over_in_part_that_part_goes_back(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    first = Payment.objects.get()
    shop.stripe.advance(days=32)
    shop.hear()
    assert money_of(buyer) == (150, 0)

    shop.stripe.refund(first.pk)
    shop.hear()

    assert money_of(buyer) == (100, 0)


@pytest.mark.slow
@pytest.mark.parametrize("renewals", [1, 2])
def test_what_was_carried_over_and_ended_unused_then_is_not_owed(shop, buyer, renewals):
    shop.subscribe(buyer, "plan_creator")
    first = Payment.objects.get()
    for _ in range(renewals):
        shop.stripe.advance(days=31)
        shop.hear()
    end_plan(user=buyer)
    shop.stripe.advance(days=36)
    shop.hear()
    ledger.expire_lots(at=shop.stripe.now)

    shop.stripe.refund(first.pk)
    shop.hear()

    assert money_of(buyer) == (0, 0)


@pytest.mark.slow
def test_what_was_carried_over_and_used_in_part_is_owed_in_that_part(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    first = Payment.objects.get()
    shop.stripe.advance(days=32)
    shop.hear()
    spend(buyer, 20, shop.stripe.now)
    end_plan(user=buyer)
    shop.stripe.advance(days=36)
    shop.hear()
    ledger.expire_lots(at=shop.stripe.now)

    shop.stripe.refund(first.pk)
    shop.hear()

    assert money_of(buyer) == (0, 20)


def test_of_a_month_that_the_clock_ended_before_its_late_renewal_what_was_carried_over_goes_back(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    first = Payment.objects.get()
    renew_late(shop, buyer)
    assert money_of(buyer) == (150, 0)

    shop.stripe.refund(first.pk)
    shop.hear()

    assert money_of(buyer) == (100, 0)


def test_what_the_clock_took_long_before_a_renewal_was_not_carried_over_by_it(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    first = Payment.objects.get()
    end_plan(user=buyer)
    shop.stripe.advance(days=36)
    shop.hear()
    ledger.expire_lots(at=shop.stripe.now)
    shop.subscribe(buyer, "plan_creator")
    shop.stripe.advance(days=32)
    shop.hear()
    assert money_of(buyer) == (150, 0)

    shop.stripe.refund(first.pk)
    shop.hear()

    assert money_of(buyer) == (150, 0)


def test_what_one_month_carried_over_is_taken_back_with_that_month_only(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    for _ in range(2):
        shop.stripe.advance(days=31)
        shop.hear()
    first, second, _ = Payment.objects.order_by("paid_at")
    assert money_of(buyer) == (150, 0)

    shop.stripe.refund(second.pk)
    shop.hear()
    assert money_of(buyer) == (150, 0)

    shop.stripe.refund(first.pk)
    shop.hear()
    assert money_of(buyer) == (100, 0)


def renew_late(shop, buyer):
    """The card fails on the day of the renewal; on the fifth day after it, when the month's rest is gone, it works."""
    renews_at = plan_of(buyer).renews_at
    customer = buyer.stripe_customers.get().pk
    shop.stripe.card_fails(customer)
    shop.stripe.advance(to=renews_at + timedelta(days=2))
    shop.hear()
    ledger.expire_lots(at=renews_at + timedelta(days=3))
    assert money_of(buyer) == (0, 0)
    shop.stripe.card_fails(customer, fails=False)
    shop.stripe.advance(days=6)
    shop.hear()
