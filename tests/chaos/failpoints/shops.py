"""Flows of money: credits bought, given back, disputed; a plan taken, renewed, changed, ended; a payer erased."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch
from uuid import uuid4

from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.billing import ledger
from apps.billing.catalogue import ITEMS
from apps.billing.models import (
    Checkout,
    CreditLot,
    Payment,
    Reversal,
    StripeCustomer,
    StripeEvent,
    StripePrice,
    Subscription,
)
from apps.billing.payments import inbox, price_list
from apps.billing.payments.checkouts import HasPlan, start_checkout
from apps.billing.payments.ending import tell_of_ending_plans
from apps.billing.payments.plans import NoPlan, end_plan, open_portal, running_subscription
from apps.billing.payments.price_list import publish_all
from apps.billing.payments.reconciling import reconcile_with_stripe, run_nightly
from apps.billing.payments.refunding import refund_payment
from apps.billing.queries import balance
from canvascast.operations.periodic import tidy
from tests.chaos.failpoints.people import be_erased, leave
from tests.chaos.failpoints.stage import Act, Flow, Memory, Outside, work
from tests.chaos.failpoints.world import World, arrive, user_of
from tests.payments.shop import ADDRESS
from tests.stripe_wire.faults import UNAVAILABLE


def arrive_at(world: World) -> Act:
    def arrive_at(memory: Memory) -> None:
        """What Stripe told of others is none of this story."""
        arrive(memory)
        memory["told"] = len(world.shop.stripe.events)

    return arrive_at


def publish(memory: Memory) -> None:
    publish_all()


def retire(memory: Memory) -> None:
    """Sell an item no more, as the next version of the table would."""
    with patch.object(price_list, "RETIRED", (ITEMS["pack_pro"],)), patch.object(price_list, "ON_SALE", {}):
        publish_all()


def forget_prices(memory: Memory) -> None:
    """As on a new installation, or after the table changed."""
    StripePrice.objects.all().delete()


def visit(item: str) -> Act:
    def visit(memory: Memory) -> None:
        try:
            start_checkout(user=user_of(memory), item_key=item, back="", at=timezone.now())
        except HasPlan:
            """The first click went through, and more."""
        memory["session"] = Checkout.objects.filter(user_id=memory["user"], item=item).latest("created_at").session_id

    return visit


def pay(world: World) -> Outside:
    return Outside(lambda memory: world.shop.stripe.pay(memory["session"]) and None)


def hear(world: World) -> Act:
    def hear(memory: Memory) -> None:
        """Stripe delivers what it has not delivered, and what was not answered once more."""
        keep_events(world)(memory)
        work(memory)

    return hear


def see_the_form(memory: Memory) -> None:
    memory["token"] = str(uuid4())


def refund(memory: Memory) -> None:
    payment = Payment.objects.get(user_id=memory["user"])
    refund_payment(payment_id=payment.pk, cents=900, reason="sorry", by=user_of(memory), token=memory["token"])


def dispute(world: World) -> Outside:
    def dispute(memory: Memory) -> None:
        memory["dispute"] = world.shop.stripe.dispute(memory["session"])["id"]

    return Outside(dispute)


def win(world: World) -> Outside:
    return Outside(lambda memory: world.shop.stripe.close_dispute(memory["dispute"], "won") and None)


def end(memory: Memory) -> None:
    assert end_plan(user=user_of(memory)).ends_at is not None


def look_after(memory: Memory) -> None:
    assert open_portal(user=user_of(memory)).startswith("http")


def find_no_plan(memory: Memory) -> None:
    with suppress(NoPlan):
        open_portal(user=user_of(memory))
    assert running_subscription(user_of(memory)) is None


def tell_of_the_end(memory: Memory) -> None:
    tell_of_ending_plans(at=timezone.now() + timedelta(days=28))


def a_month_passes(world: World) -> Outside:
    return Outside(lambda memory: world.shop.stripe.advance(days=32))


def account_is_new(world: World) -> Outside:
    """As at a shop's first day: Stripe knows of nothing, and nobody here remembers what it knew."""

    def account_is_new(memory: Memory) -> None:
        world.shop.stripe.delete_test_data()
        forget_prices(memory)
        cache.clear()

    return Outside(account_is_new)


def stripe_is_away(world: World) -> Outside:
    return Outside(lambda memory: world.shop.stripe.fail(r"/v1/checkout/sessions", *[UNAVAILABLE] * 3, method="GET"))


def forget_that_it_was_away(memory: Memory) -> None:
    cache.clear()


def wear_out(memory: Memory) -> None:
    StripeEvent.objects.filter(state="NEW").update(tries=inbox.MOST_TRIES)


def publish_anew(world: World) -> Outside:
    """Somebody changed products and prices at Stripe's own pages."""

    def publish_anew(memory: Memory) -> None:
        client = world.shop.stripe.client(max_network_retries=0)
        for price in StripePrice.objects.filter(is_current=True):
            client.v1.prices.update(price.pk, {"active": False})
            made = client.v1.prices.retrieve(price.pk)
            client.v1.products.update(made.product, {"name": "Renamed"})
            client.v1.prices.create({"product": made.product, "currency": "usd", "unit_amount": 4_321})

    return Outside(publish_anew)


def schedule(world: World) -> Outside:
    def schedule(memory: Memory) -> None:
        world.shop.stripe.schedule(Subscription.objects.get(user_id=memory["user"]).pk)

    return Outside(schedule)


def keep_events(world: World) -> Act:
    def keep_events(memory: Memory) -> None:
        known = set(StripeEvent.objects.values_list("pk", flat=True))
        for event in world.shop.stripe.events[memory["told"] :]:
            if event["id"] not in known:
                assert world.shop.stripe.deliver(event, Client(), path=ADDRESS) == 200

    return keep_events


def nightly(memory: Memory) -> None:
    run_nightly()
    reconcile_with_stripe()


def events_grow_old(memory: Memory) -> None:
    StripeEvent.objects.update(received_at=timezone.now() - timedelta(days=100))


def copies_are_missing(memory: Memory) -> None:
    StripeEvent.objects.update(copied_at=None, copy_tries=0, received_at=timezone.now() - timedelta(minutes=10))


def customer_is_deleted(world: World) -> Outside:
    def customer_is_deleted(memory: Memory) -> None:
        customer = StripeCustomer.objects.get(user_id=memory["user"], is_gone=False)
        world.shop.stripe.client(max_network_retries=0).v1.customers.delete(customer.pk)

    return Outside(customer_is_deleted)


def stripe_forgets_the_customer(world: World) -> Outside:
    def stripe_forgets_the_customer(memory: Memory) -> None:
        world.shop.stripe.forget(StripeCustomer.objects.get(user_id=memory["user"], is_gone=False).pk)

    return Outside(stripe_forgets_the_customer)


def lots_expire(memory: Memory) -> None:
    ledger.expire_lots(at=timezone.now() + timedelta(days=1000))


def has(*, available: int, payments: int, reversals: int = 0) -> Callable[[Memory], None]:
    def check(memory: Memory) -> None:
        user = user_of(memory)
        assert balance(user.pk).available == available, balance(user.pk)
        assert Payment.objects.filter(user=user).count() == payments
        assert Reversal.objects.filter(payment__user=user).count() == reversals
        assert StripeCustomer.objects.filter(user=user, is_gone=False).count() <= 1
        assert not StripeEvent.objects.filter(state="NEW").exists()

    return check


def sells_everything(memory: Memory) -> None:
    current = StripePrice.objects.filter(is_current=True)
    assert sorted(current.values_list("item", flat=True)) == sorted(ITEMS)


def sells_no_longer(memory: Memory) -> None:
    assert not StripePrice.objects.filter(item="pack_pro", is_current=True).exists()


def nothing_left(memory: Memory) -> None:
    assert StripeCustomer.objects.get(user_id=memory["user"]).is_gone
    assert (
        not StripeEvent.objects.filter(customer_id__gt="")
        .exclude(payload={})
        .filter(customer_id=StripeCustomer.objects.get(user_id=memory["user"]).pk)
        .exists()
    )


def has_no_plan(memory: Memory) -> None:
    assert Subscription.objects.get(user_id=memory["user"]).status == "canceled"


def no_lots(memory: Memory) -> None:
    assert not CreditLot.objects.filter(user_id=memory["user"], remaining__gt=0, expires_at__isnull=False).exists()


def flows(world: World) -> tuple[Flow, ...]:
    start, told, paid = Outside(arrive_at(world)), hear(world), pay(world)
    fresh = (Outside(forget_prices), start)
    return (
        Flow("publishes prices", (Outside(forget_prices), publish), lambda memory: None),
        Flow("publishes them anew", (start, publish, publish_anew(world), publish), lambda memory: None),
        Flow("retires an item", (start, publish, retire), sells_no_longer),
        Flow(
            "buys while Stripe is away",
            (start, visit("pack_starter"), paid, keep_events(world), stripe_is_away(world), work),
            has(available=20, payments=1),
        ),
        Flow(
            "a plan renews",
            (start, visit("plan_creator"), paid, told, a_month_passes(world), told),
            has(available=160, payments=2),
        ),
        Flow(
            "ends a plan that was to change",
            (start, visit("plan_creator"), paid, told, schedule(world), end, told),
            has(available=110, payments=1),
        ),
        Flow(
            "a customer with a plan is deleted at Stripe",
            (start, visit("plan_creator"), paid, told, customer_is_deleted(world), find_no_plan, told, nightly),
            has_no_plan,
        ),
        Flow(
            "a customer with a plan is unknown to Stripe",
            (start, visit("plan_creator"), paid, told, stripe_forgets_the_customer(world), nightly),
            has_no_plan,
        ),
        Flow("buys", (*fresh, visit("pack_starter"), paid, told), has(available=20, payments=1)),
        Flow(
            "is refunded",
            (start, visit("pack_starter"), paid, told, Outside(see_the_form), refund, told),
            has(available=10, payments=1, reversals=1),
        ),
        Flow(
            "disputes and loses",
            (start, visit("pack_starter"), paid, told, dispute(world), told, win(world), told),
            has(available=20, payments=1, reversals=1),
        ),
        Flow(
            "takes a plan and ends it",
            (start, visit("plan_hobbyist"), visit("plan_creator"), paid, told, look_after, end, told, tell_of_the_end),
            has(available=110, payments=1),
        ),
        Flow(
            "is told by the list at night",
            (start, visit("pack_starter"), paid, keep_events(world), Outside(wear_out), nightly, work),
            has(available=20, payments=1),
        ),
        Flow(
            "old events go",
            (
                start,
                visit("pack_starter"),
                paid,
                told,
                Outside(copies_are_missing),
                nightly,
                Outside(events_grow_old),
                nightly,
            ),
            lambda memory: None,
        ),
        Flow(
            "a customer was deleted at Stripe",
            (start, visit("pack_starter"), customer_is_deleted(world), visit("pack_pro")),
            lambda memory: None,
        ),
        Flow("leaves", (start, visit("pack_starter"), paid, told, leave, be_erased, nightly), nothing_left),
        Flow(
            "leaves in the midst of a dispute",
            (
                start,
                visit("pack_starter"),
                paid,
                told,
                dispute(world),
                told,
                leave,
                be_erased,
                win(world),
                told,
                nightly,
            ),
            nothing_left,
        ),
        Flow("lots expire", (start, visit("plan_hobbyist"), paid, told, lots_expire, tidy_up), no_lots),
        Flow("opens a shop", (account_is_new(world), publish), sells_everything),
        Flow(
            "looks after the first plan of a shop",
            (account_is_new(world), start, visit("plan_hobbyist"), paid, told, look_after),
            has(available=40, payments=1),
        ),
    )


def tidy_up(memory: Memory) -> None:
    tidy()
