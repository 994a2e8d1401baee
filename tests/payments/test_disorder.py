"""M3: every event five times, in any order, by eight at once, and the ledger is the same row for row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from apps.accounts.models import User
from apps.billing.models import Checkout, Payment, StripeCustomer, StripeEvent
from apps.billing.payments import inbox
from apps.billing.payments.checkouts import start_checkout
from apps.billing.payments.customers import customer_of
from tests.payments.shop import Shop, ledger_of, money_of, unhandled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("M3")]
FEW, MANY = range(1), range(1, 20)


def year_of_a_customer(shop: Shop, buyer: User) -> None:
    """Packs, a plan with renewals and a dearer one, refunds in part, disputes won and lost; nothing is heard of it."""
    packs = [shop.buy(buyer, item) for item in ("pack_starter", "pack_creator", "pack_pro")]
    shop.buy(buyer, "plan_hobbyist")
    shop.stripe.advance(days=1)
    shop.stripe.refund(packs[0].session_id, 450)
    shop.stripe.advance(days=40)
    shop.stripe.refund(packs[0].session_id)
    won, lost = (shop.stripe.dispute(pack.session_id) for pack in packs[1:])
    shop.stripe.close_dispute(won["id"], "won")
    shop.stripe.close_dispute(lost["id"], "lost")
    shop.stripe.advance(days=40)


@pytest.mark.parametrize("seed", [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)])
def test_any_order_gives_the_same_ledger(shop, buyer, seed):
    year_of_a_customer(shop, buyer)

    shop.deliver_in_disorder(seed)

    told = ledger_of(buyer)
    ids = [payment.pk for payment in Payment.objects.filter(user=buyer)]
    assert len(ids) == len(set(ids)) == 6
    assert [key for *_, key in told if key.startswith(("stripe:in_", "stripe:pi_"))] == [
        f"stripe:{payment.pk}" for payment in Payment.objects.filter(user=buyer).order_by("paid_at", "pk")
    ]
    assert [row[3] for row in told] == sorted(row[3] for row in told)
    assert unhandled() == 0
    # Starter is paid back, Creator's dispute was won, Pro's lost; the plan's newest month is left.
    assert money_of(buyer) == (50 + 30, 0)
    shop.deliver(shop.stripe.events)
    assert ledger_of(buyer) == told


def test_parallel_clicks_make_one_customer_and_one_visit(shop, buyer):
    def click(_: int) -> str:
        try:
            return start_checkout(user=buyer, item_key="pack_pro", back="", at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        addresses = set(pool.map(click, range(8)))

    assert len(addresses) == 1
    assert StripeCustomer.objects.count() == Checkout.objects.count() == 1
    created = [asked for asked in shop.stripe.requests if (asked.method, asked.path) == ("POST", "/v1/customers")]
    assert len({asked.idempotency_key for asked in created}) == 1
    assert customer_of(buyer) == StripeCustomer.objects.get().pk


def test_what_a_dead_worker_left_is_found_by_the_sweep(shop, buyer, settings):
    shop.buy(buyer, "pack_starter")
    for event in shop.stripe.events:
        inbox.keep(event)
    claimed = [event["id"] for event in shop.stripe.events if inbox._claim(event["id"])]
    assert len(claimed) == len(shop.stripe.events)
    StripeEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1), hinted_at=None)
    OrmQ.objects.all().delete()
    inbox.sweep()

    assert OrmQ.objects.count() == min(16, len(claimed))
    for event_id in claimed:
        inbox.handle(event_id)
    assert money_of(buyer) == (10, 0)
