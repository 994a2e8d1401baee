"""Plans: the first month once, renewals with what is carried over, changes, ends, and months that are not paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.billing import catalogue, ledger
from apps.billing.models import CreditLot, Payment, StripePrice, Subscription
from apps.billing.payments import queries
from apps.billing.payments.ending import tell_of_ending_plans
from apps.billing.payments.plans import NoPlan, end_plan, open_portal
from apps.billing.payments.price_list import publish_all
from apps.notifications.models import Event, Notification
from tests.billing.moves import hold
from tests.payments.shop import ledger_of, money_of, payments_of


def price_id(item: str) -> str:
    return StripePrice.objects.get(item=item, is_current=True).pk


def test_the_first_month_is_granted_once_and_lasts_three_days_longer(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    shop.deliver(shop.stripe.events)

    plan = queries.plan_of(buyer)
    assert money_of(buyer) == (100, 0)
    assert (plan.name, plan.credits, plan.ends_at, plan.is_unpaid) == ("Creator", 100, None, False)
    assert CreditLot.objects.get(user=buyer).expires_at == plan.renews_at + timedelta(days=3)
    told = Notification.objects.get(user=buyer, event=Event.SUBSCRIPTION_RENEWED)
    assert (told.facts["first"], told.facts["credits"], told.facts["rolled"]) == (1, 100, 0)


@pytest.mark.parametrize(
    ("plan", "used", "then"), [("plan_hobbyist", 5, 30), ("plan_creator", 70, 130), ("plan_creator", 10, 150)]
)
def test_a_renewal_carries_over_what_the_plan_allows(shop, buyer, plan, used, then):
    shop.subscribe(buyer, plan)
    hold(buyer, used, at=shop.stripe.now)

    shop.stripe.advance(days=32)
    shop.hear()

    assert money_of(buyer) == (then, 0)
    assert len(payments_of(buyer)) == 2
    assert not Notification.objects.filter(facts__has_key="changed").exists()


def test_a_dearer_plan_begins_at_once_with_its_share_of_credits(shop, buyer):
    publish_all()
    subscription = shop.subscribe(buyer, "plan_hobbyist")

    shop.stripe.change_plan(subscription, price_id("plan_creator"), proration_behavior="always_invoice")
    shop.hear()

    assert money_of(buyer) == (100, 0)
    assert queries.plan_of(buyer).name == "Creator"
    first, change = Notification.objects.filter(user=buyer, event=Event.SUBSCRIPTION_RENEWED).order_by("created_at")
    assert [(told.facts.get("first"), told.facts.get("changed")) for told in (first, change)] == [(1, None), (None, 1)]


def test_who_has_a_plan_is_shown_the_price_that_they_pay(shop, buyer, monkeypatch):
    shop.subscribe(buyer, "plan_hobbyist")
    dearer = replace(catalogue.ITEMS["plan_hobbyist"], credits=25, cents=2_500)
    for table in (catalogue.ON_SALE, catalogue.ITEMS):
        monkeypatch.setitem(table, "plan_hobbyist", dearer)
    publish_all()
    shop.stripe.advance(days=32)
    shop.hear()

    plan = queries.plan_of(buyer)
    assert (plan.credits, plan.price) == (30, "$19")
    assert payments_of(buyer)[-1] == ("plan_hobbyist", 30, 1_900)


def test_a_plan_whose_price_was_not_told_yet_is_shown_as_it_is_sold(shop, buyer):
    subscription = shop.subscribe(buyer, "plan_hobbyist")
    Subscription.objects.filter(pk=subscription).update(price_id="")

    plan = queries.plan_of(buyer)

    assert (plan.credits, plan.price) == (30, "$19")


def test_a_plan_is_not_shown_with_the_price_of_the_one_before(buyer, settings):
    dates = dict.fromkeys(("period_ends_at", "started_at", "asked_at"), timezone.now())
    StripePrice.objects.create(pk="price_1", livemode=False, item="plan_hobbyist", credits=30, cents=1_900)
    facts = {"plan": "plan_creator", "price_id": "price_1", "status": "active", **dates}
    Subscription.objects.create(pk="sub_1", user=buyer, livemode=settings.STRIPE_LIVE_MODE, **facts)

    plan = queries.plan_of(buyer)

    assert (plan.name, plan.credits, plan.price) == ("Creator", 100, "$49")


def test_half_a_month_later_the_difference_is_half(shop, buyer):
    publish_all()
    subscription = shop.subscribe(buyer, "plan_hobbyist")
    period = queries.plan_of(buyer).renews_at - Subscription.objects.get().started_at

    shop.stripe.advance(seconds=period.total_seconds() / 2)
    shop.stripe.change_plan(subscription, price_id("plan_creator"), proration_behavior="always_invoice")
    shop.hear()

    assert money_of(buyer) == (30 + 35, 0)


def test_a_plan_that_was_ended_runs_to_the_end_of_the_month_and_is_told_of(shop, buyer):
    subscription = shop.subscribe(buyer, "plan_creator")

    ended = end_plan(user=buyer)
    assert end_plan(user=buyer).pk == ended.pk == subscription
    assert ended.ends_at == ended.period_ends_at
    assert tell_of_ending_plans(at=ended.ends_at - timedelta(days=4)) == 0
    for _ in range(2):
        assert tell_of_ending_plans(at=ended.ends_at - timedelta(days=3)) == 1
    told = Notification.objects.get(user=buyer, event=Event.SUBSCRIPTION_EXPIRING)
    assert (told.facts["plan"], told.facts["credits"]) == ("Creator", 100)

    shop.stripe.advance(days=32)
    shop.hear()

    assert queries.plan_of(buyer) is None
    assert len(payments_of(buyer)) == 1
    ledger.expire_lots(at=ended.ends_at + timedelta(days=3))
    assert money_of(buyer) == (0, 0)


def test_a_month_that_cannot_be_charged_is_told_once_and_gives_nothing(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    customer = buyer.stripe_customers.get().pk
    shop.stripe.card_fails(customer)

    shop.stripe.advance(days=32)
    shop.hear()

    assert queries.plan_of(buyer).is_unpaid
    told = Notification.objects.get(user=buyer, event=Event.PAYMENT_FAILED)
    assert told.facts["until"] == CreditLot.objects.get(user=buyer).expires_at.date().isoformat()
    assert len(payments_of(buyer)) == 1

    shop.stripe.card_fails(customer, fails=False)
    shop.stripe.advance(days=8)
    shop.hear()

    assert not queries.plan_of(buyer).is_unpaid
    assert money_of(buyer) == (150, 0)


def test_a_month_that_is_paid_after_its_end_lasts_a_month_from_then(shop, buyer):
    shop.subscribe(buyer, "plan_hobbyist")
    customer = buyer.stripe_customers.get().pk
    shop.stripe.card_fails(customer)
    shop.stripe.advance(days=70)
    shop.hear()
    ledger.expire_lots(at=shop.stripe.now)
    assert (queries.plan_of(buyer), money_of(buyer)) == (None, (0, 0))
    owed = next(one for one in shop.stripe.objects() if one["object"] == "invoice" and one["status"] == "open")

    shop.stripe.card_fails(customer, fails=False)
    shop.stripe.client().v1.invoices.pay(owed["id"])
    shop.hear()
    ledger.expire_lots(at=shop.stripe.now + timedelta(days=25))

    assert money_of(buyer) == (30, 0)


def test_renewals_heard_months_late_give_the_same_as_in_time(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    for _ in range(3):
        shop.stripe.advance(days=31)
    shop.hear()

    kinds = [kind for kind, *_ in ledger_of(buyer)]
    assert kinds == ["PURCHASE", *["EXPIRE", "GRANT", "PURCHASE"], *["EXPIRE", "EXPIRE", "GRANT", "PURCHASE"] * 2]
    assert money_of(buyer) == (150, 0)


def test_without_a_purchase_there_is_nothing_to_look_after(shop, buyer):
    for act in (open_portal, end_plan):
        with pytest.raises(NoPlan):
            act(user=buyer)


def test_the_page_for_plans_is_configured_once(shop, buyer):
    shop.subscribe(buyer, "plan_creator")

    assert open_portal(user=buyer).startswith(shop.stripe.url)
    assert open_portal(user=buyer).startswith(shop.stripe.url)
    made = [one for one in shop.stripe.requests if one.method == "POST" and one.path.endswith("/configurations")]
    assert len(made) == 1


def test_a_plan_that_waits_to_become_a_cheaper_one_can_be_ended(shop, buyer):
    subscription = shop.subscribe(buyer, "plan_creator")
    shop.stripe.schedule(subscription)

    ended = end_plan(user=buyer)

    assert ended.ends_at == ended.period_ends_at
    assert shop.stripe.object(subscription)["schedule"] is None


def test_a_plan_that_ended_meanwhile_is_no_plan(shop, buyer):
    subscription = shop.subscribe(buyer, "plan_creator")
    shop.stripe.cancel_now(subscription)

    with pytest.raises(NoPlan):
        end_plan(user=buyer)

    assert queries.plan_of(buyer) is None


def test_whose_customer_was_deleted_at_stripe_has_no_plan_to_look_after(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    shop.stripe.client().v1.customers.delete(buyer.stripe_customers.get().pk)

    with pytest.raises(NoPlan):
        open_portal(user=buyer)

    assert queries.plan_of(buyer) is None


def test_a_month_that_was_paid_past_stripe_is_granted(shop, buyer):
    visited = shop.buy(buyer, "plan_creator")
    invoice = shop.stripe.object(visited.session_id)["invoice"]
    paid = next(one for one in shop.stripe._world.store if one["object"] == "invoice_payment")
    paid["payment"] = {"payment_record": "pr_1", "type": "payment_record"}
    shop.hear()

    assert payments_of(buyer) == [("plan_creator", 100, 4_900)]
    assert Payment.objects.get(pk=invoice).payment_intent_id == ""


def test_an_answer_that_comes_late_does_not_overwrite_a_newer_one(shop, buyer):
    subscription = shop.subscribe(buyer, "plan_creator")
    Subscription.objects.filter(pk=subscription).update(status="canceled", asked_at=timezone.now() + timedelta(hours=1))

    shop.deliver(shop.stripe.events)

    assert Subscription.objects.get(pk=subscription).status == "canceled"
