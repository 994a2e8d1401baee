"""Buying a pack: one customer, one visit, credits once, a receipt, and nothing before it is paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import catalogue
from apps.billing.catalogue import PACKS, PLANS
from apps.billing.models import Checkout, CheckoutState, LedgerEntry, Payment, StripeCustomer, StripePrice
from apps.billing.payments import checkouts, price_list, queries
from apps.billing.payments.checkouts import HasPlan, start_checkout
from apps.billing.payments.gateway import PaymentsUnavailable
from apps.billing.payments.price_list import publish_all
from apps.notifications.models import Event, Notification
from canvascast.errors import Invalid, RateLimited
from tests.payments.shop import money_of, payments_of, unhandled
from tests.stripe_wire.faults import BROKEN, LOCKED, RESET, UNAVAILABLE


def test_the_table_is_what_was_decided():
    assert [(item.name, item.credits, item.cents) for item in PACKS] == [
        ("Starter", 10, 900),
        ("Creator", 50, 3_900),
        ("Pro", 150, 9_900),
    ]
    assert [(item.name, item.credits, item.cents, item.rollover) for item in PLANS] == [
        ("Hobbyist", 30, 1_900, 0),
        ("Creator", 100, 4_900, 50),
        ("Business", 300, 12_900, 150),
    ]


def test_a_paid_pack_gives_its_credits_once_and_a_receipt(shop, buyer):
    bought = shop.buy(buyer, "pack_creator")
    assert money_of(buyer) == (0, 0)

    shop.hear()
    shop.deliver(shop.stripe.events)

    assert money_of(buyer) == (50, 0)
    assert payments_of(buyer) == [("pack_creator", 50, 3_900)]
    assert Checkout.objects.get(pk=bought.pk).state == CheckoutState.PAID
    told = Notification.objects.get(user=buyer, event=Event.PURCHASE_RECEIPT)
    assert (told.facts["credits"], told.facts["cents"], told.facts["available"]) == (50, 3_900, 50)
    assert told.facts["receipt"].startswith("http")
    assert unhandled() == 0


def test_a_payment_on_its_way_gives_nothing_until_it_is_there(shop, buyer):
    visited = shop.visit(buyer, "pack_starter")
    shop.stripe.pay(visited.session_id, later=True)
    shop.hear()
    assert money_of(buyer) == (0, 0)

    shop.stripe.async_succeed(visited.session_id)
    shop.hear()

    assert money_of(buyer) == (10, 0)


def test_a_payment_that_breaks_off_gives_nothing(shop, buyer):
    visited = shop.visit(buyer, "pack_starter")
    shop.stripe.pay(visited.session_id, later=True)
    shop.stripe.async_fail(visited.session_id)
    shop.hear()

    assert money_of(buyer) == (0, 0)
    assert not Payment.objects.exists()


def test_two_clicks_are_one_visit_and_one_customer(shop, buyer):
    first, second = (shop.visit(buyer, "pack_pro") for _ in range(2))

    assert first.url == second.url
    assert StripeCustomer.objects.count() == 1


def test_a_click_after_a_change_of_price_is_another_visit(shop, buyer, monkeypatch):
    before = shop.visit(buyer, "pack_pro")
    dearer = replace(catalogue.ON_SALE["pack_pro"], cents=10_900)
    monkeypatch.setitem(catalogue.ON_SALE, "pack_pro", dearer)

    after = shop.visit(buyer, "pack_pro")

    assert after.pk != before.pk
    assert [(one.credits, one.cents) for one in (before, after)] == [(150, 9_900), (150, 10_900)]
    shop.stripe.pay(after.session_id)
    shop.hear()
    assert payments_of(buyer) == [("pack_pro", 150, 10_900)]


def test_a_customer_who_was_deleted_at_stripe_gets_another(shop, buyer):
    shop.visit(buyer, "pack_pro")
    first = StripeCustomer.objects.get().pk
    shop.stripe.client().v1.customers.delete(first)

    shop.visit(buyer, "pack_starter")

    assert StripeCustomer.objects.filter(is_gone=False).exclude(pk=first).count() == 1


def test_an_address_that_changed_after_an_answer_was_lost_is_no_hindrance(shop, buyer):
    shop.stripe.fail("/v1/customers", *[RESET.after_effect()] * 3, method="POST")
    with pytest.raises(PaymentsUnavailable):
        shop.visit(buyer, "pack_pro")
    EmailAddress.objects.update_or_create(
        user=buyer, defaults={"email": "new@example.com", "verified": True, "primary": True}
    )
    User.objects.filter(pk=buyer.pk).update(email="new@example.com")

    assert shop.visit(buyer, "pack_pro").url


def test_a_price_that_stripe_has_no_longer_costs_nobody_their_customer(shop, buyer):
    shop.visit(buyer, "pack_pro")
    StripePrice.objects.filter(item="pack_starter").delete()
    StripePrice.objects.create(
        pk="price_of_another_account", livemode=False, item="pack_starter", credits=10, cents=900, is_current=True
    )

    with pytest.raises(PaymentsUnavailable):
        shop.visit(buyer, "pack_starter")

    assert StripeCustomer.objects.filter(is_gone=False).count() == 1
    publish_all()
    assert shop.visit(buyer, "pack_starter").url


def test_the_eleventh_visit_in_an_hour_waits(shop, buyer):
    now = timezone.now()
    for place in range(10):
        start_checkout(user=buyer, item_key="pack_pro", back=f"/app/new?draft={place}", at=now)

    with pytest.raises(RateLimited) as refused:
        start_checkout(user=buyer, item_key="pack_pro", back="", at=now + timedelta(minutes=15))

    assert refused.value.details["retryAfterSeconds"] == 2_700
    start_checkout(user=buyer, item_key="pack_pro", back="", at=now + timedelta(minutes=61))


def test_only_what_is_in_the_table_can_be_bought(shop, buyer):
    with pytest.raises(Invalid):
        start_checkout(user=buyer, item_key="pack_million", back="", at=timezone.now())


def test_one_plan_at_a_time(shop, buyer):
    shop.subscribe(buyer, "plan_hobbyist")

    with pytest.raises(HasPlan):
        shop.visit(buyer, "plan_creator")


def test_of_two_tabs_with_a_plan_only_the_later_can_be_paid(shop, buyer):
    first = shop.visit(buyer, "plan_hobbyist")
    second = shop.visit(buyer, "plan_creator")

    assert shop.stripe.object(first.session_id)["status"] == "expired"
    assert shop.stripe.object(second.session_id)["status"] == "open"


def test_a_plan_paid_in_another_tab_that_was_not_heard_of_yet_is_no_second_one(shop, buyer):
    shop.buy(buyer, "plan_hobbyist")

    with pytest.raises(HasPlan):
        shop.visit(buyer, "plan_creator")

    assert money_of(buyer) == (30, 0)
    open_pages = [one for one in shop.stripe.objects() if one["object"] == "checkout.session" and one["url"]]
    assert open_pages == []


def test_a_page_for_a_plan_that_was_overtaken_while_it_was_made_is_closed(shop, buyer, monkeypatch):
    make = checkouts._make_session

    def overtaken(*given):
        made = make(*given)
        Checkout.objects.update(state=CheckoutState.EXPIRED)
        return made

    monkeypatch.setattr(checkouts, "_make_session", overtaken)
    with pytest.raises(checkouts.OtherPage):
        shop.visit(buyer, "plan_creator")

    pages = [one["status"] for one in shop.stripe.objects() if one["object"] == "checkout.session"]
    assert pages == ["expired"]


def test_an_older_page_that_could_not_be_closed_is_closed_with_the_next_click(shop, buyer):
    first = shop.visit(buyer, "plan_hobbyist")
    shop.stripe.fail("/v1/checkout/sessions/.*/expire", *[UNAVAILABLE] * 3, method="POST")
    with pytest.raises(PaymentsUnavailable):
        shop.visit(buyer, "plan_creator")

    shop.visit(buyer, "plan_creator")

    assert shop.stripe.object(first.session_id)["status"] == "expired"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/app/new?draft=1", "/app/new?draft=1"),
        ("//evil.example/app", ""),
        ("https://evil.example/app", ""),
        ("/accounts/logout/", ""),
        ("/app" + "x" * 2_000, ""),
    ],
)
def test_the_way_back_is_a_page_of_ours(shop, buyer, asked, kept):
    assert shop.visit(buyer, "pack_pro", back=asked).back == kept


def test_a_price_list_told_twice_is_told_once(shop):
    first = {price.item: price.pk for price in publish_all()}
    made = [asked for asked in shop.stripe.requests if asked.method == "POST"]

    assert {price.item: price.pk for price in publish_all()} == first
    assert [asked for asked in shop.stripe.requests if asked.method == "POST"] == made


def test_a_price_of_an_older_table_is_closed_and_still_known(shop, buyer, monkeypatch):
    shop.subscribe(buyer, "plan_hobbyist")
    old = StripePrice.objects.get(item="plan_hobbyist")
    StripePrice.objects.filter(pk=old.pk).update(cents=1_500)
    shop.stripe.client().v1.prices.update(old.pk, {"metadata": {"canvascast_credits": "25"}})

    publish_all()

    assert StripePrice.objects.filter(item="plan_hobbyist", is_current=True).exclude(pk=old.pk).count() == 1
    assert shop.stripe.object(old.pk)["active"] is False


def test_what_was_retired_is_closed_to_new_buyers_and_still_paid_with_credits(shop, buyer, monkeypatch):
    publish_all()
    visited = shop.visit(buyer, "pack_starter")
    monkeypatch.delitem(catalogue.ON_SALE, "pack_starter")
    monkeypatch.setattr(price_list, "RETIRED", (catalogue.ITEMS["pack_starter"],))

    for _ in range(2):
        assert "pack_starter" not in {price.item for price in publish_all()}
    shop.stripe.pay(visited.session_id)
    shop.hear()

    row = StripePrice.objects.get(item="pack_starter")
    assert (row.is_current, shop.stripe.object(row.pk)["active"]) == (False, False)
    with pytest.raises(Invalid):
        shop.visit(buyer, "pack_starter")
    assert money_of(buyer) == (10, 0)
    assert [receipt.what for receipt in queries.receipts(buyer)] == ["Starter pack"]


def test_what_was_sold_and_is_in_no_table_stops_the_next_price_list(shop, db):
    publish_all()
    StripePrice.objects.filter(item="pack_starter").update(item="pack_gone")
    before = len(shop.stripe.requests)

    with pytest.raises(CommandError, match="pack_gone: sold here"):
        call_command("sync_stripe")

    assert len(shop.stripe.requests) == before


def test_a_short_trouble_at_stripe_is_not_noticed(shop, buyer):
    shop.stripe.fail("/v1/checkout/sessions", BROKEN, RESET, method="POST")

    assert shop.visit(buyer, "pack_pro").url
    assert len([one for one in shop.stripe.events if one["type"] == "checkout.session.created"]) <= 1


def test_a_click_that_meets_another_one_at_stripe_waits_for_it(shop, buyer):
    shop.stripe.fail("/v1/customers", LOCKED, method="POST")
    shop.stripe.fail("/v1/checkout/sessions", LOCKED, method="POST")

    assert shop.visit(buyer, "pack_pro").url


def test_a_long_trouble_at_stripe_is_told_and_nothing_is_charged(shop, buyer):
    shop.stripe.fail("/v1/checkout/sessions", *[UNAVAILABLE] * 3, method="POST")

    with pytest.raises(PaymentsUnavailable):
        shop.visit(buyer, "pack_pro")

    assert shop.visit(buyer, "pack_pro").url
    assert Checkout.objects.count() == 1


def test_what_differs_from_the_promise_is_not_granted(shop, buyer):
    visited = shop.visit(buyer, "pack_pro")
    Checkout.objects.filter(pk=visited.pk).update(cents=100)
    shop.stripe.pay(visited.session_id)
    shop.hear()

    assert not LedgerEntry.objects.exists()
