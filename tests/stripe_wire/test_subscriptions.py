"""Subscriptions through months, changes of plan, refused cards and their ends. The account starts on 31 January."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import stripe

from tests.stripe_wire.clock import period_end
from tests.stripe_wire.conftest import START, Shop


def invoices_of(shop: Shop, sub: str) -> list[tuple[str, str, int]]:
    """Newest first: reason, status, total."""
    rows = shop.client.v1.invoices.list({"subscription": sub}).data
    return [(one.billing_reason, one.status, one.total) for one in rows]


def period_of(shop: Shop, sub: str) -> tuple[str, str]:
    item = shop.server.object(sub)["items"]["data"][0]
    dates = [datetime.fromtimestamp(item[f"current_period_{end}"], UTC) for end in ("start", "end")]
    return f"{dates[0]:%d %b}", f"{dates[1]:%d %b}"


@pytest.mark.parametrize(
    ("start", "interval", "count", "end"),
    [
        ("2026-01-31", "month", 1, "2026-02-28"),
        ("2026-02-28", "month", 1, "2026-03-31"),
        ("2028-01-31", "month", 1, "2028-02-29"),
        ("2026-01-31", "month", 3, "2026-04-30"),
        ("2026-01-31", "year", 1, "2027-01-31"),
        ("2026-01-31", "week", 2, "2026-02-14"),
    ],
)
def test_periods_follow_the_anchor(start: str, interval: str, count: int, end: str):
    year = start[:4]
    anchor = int(datetime.fromisoformat(f"{year}-01-31T00:00+00:00").timestamp())
    from_ = int(datetime.fromisoformat(f"{start}T00:00+00:00").timestamp())

    found = datetime.fromtimestamp(period_end(anchor, from_, interval, count), UTC)

    assert f"{found:%Y-%m-%d}" == end


def test_the_first_payment_makes_it_active(shop: Shop):
    sub = shop.client.v1.subscriptions.retrieve(shop.subscribe())

    assert (sub.status, sub["items"].data[0].price.id) == ("active", shop.plan)
    created, updated = shop.server.events_of("customer.subscription.created", "customer.subscription.updated")
    assert created["data"]["object"]["status"] == "incomplete"
    assert updated["data"]["previous_attributes"] == {"status": "incomplete"}


def test_an_invoice_leads_to_its_payment_and_back(shop: Shop):
    sub = shop.subscribe()

    invoice = shop.client.v1.invoices.list({"subscription": sub, "expand": ["data.payments"]}).data[0]
    intent = invoice.payments.data[0].payment.payment_intent
    found = shop.client.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent}}).data

    assert [(one.invoice, one.status, one.amount_paid) for one in found] == [(invoice.id, "paid", 2000)]
    assert invoice.parent.subscription_details.subscription == sub
    assert invoice.lines.data[0].pricing.price_details.price == shop.plan


def test_it_renews_at_the_end_of_each_month(shop: Shop):
    sub = shop.subscribe()

    shop.server.advance(to=datetime(2026, 2, 28, 12, 0, tzinfo=UTC))
    assert invoices_of(shop, sub)[0] == ("subscription_cycle", "draft", 2000)
    shop.server.advance(hours=1)
    assert invoices_of(shop, sub)[0] == ("subscription_cycle", "paid", 2000)
    assert period_of(shop, sub) == ("28 Feb", "31 Mar")
    shop.server.advance(to=datetime(2026, 4, 1, tzinfo=UTC))

    assert period_of(shop, sub) == ("31 Mar", "30 Apr")
    assert len(invoices_of(shop, sub)) == 3


def test_events_of_a_renewal_have_its_times(shop: Shop):
    shop.subscribe()

    shop.server.advance(days=60)

    paid = [event["created"] for event in shop.server.events_of("invoice.paid")]
    assert [f"{datetime.fromtimestamp(at, UTC):%d %b %H:%M}" for at in paid] == [
        "31 Jan 12:00",
        "28 Feb 13:00",
        "31 Mar 13:00",
    ]


def test_an_invoice_of_a_renewal_names_both_periods(shop: Shop):
    sub = shop.subscribe()

    shop.server.advance(days=29)

    invoice = shop.client.v1.invoices.list({"subscription": sub}).data[0]
    renewed = shop.server.object(sub)["items"]["data"][0]
    assert (invoice.period_start, invoice.period_end) == (int(START.timestamp()), renewed["current_period_start"])
    assert invoice.lines.data[0].period.end == renewed["current_period_end"]


def test_it_ends_with_the_period_when_asked(shop: Shop):
    sub = shop.subscribe()

    asked = shop.client.v1.subscriptions.update(sub, {"cancel_at_period_end": True})
    assert (asked.status, asked.cancel_at) == ("active", asked["items"].data[0].current_period_end)
    shop.server.advance(days=40)

    assert shop.server.object(sub)["status"] == "canceled"
    assert invoices_of(shop, sub) == [("subscription_create", "paid", 2000)]
    deleted = shop.server.events_of("customer.subscription.deleted")[0]
    assert deleted["created"] == asked.cancel_at


def test_the_end_can_be_taken_back(shop: Shop):
    sub = shop.subscribe()
    shop.client.v1.subscriptions.update(sub, {"cancel_at_period_end": True})

    back = shop.client.v1.subscriptions.update(sub, {"cancel_at_period_end": False})
    shop.server.advance(days=40)

    assert (back.cancel_at, back.canceled_at, back.cancellation_details.reason) == (None, None, None)
    assert shop.server.object(sub)["status"] == "active"


def test_an_upgrade_charges_the_rest_of_the_period_at_once(shop: Shop):
    sub = shop.subscribe()
    shop.server.advance(days=14)

    shop.server.change_plan(sub, shop.better, proration_behavior="always_invoice")

    assert invoices_of(shop, sub)[0] == ("subscription_update", "paid", 1500)
    lines = shop.client.v1.invoices.list({"subscription": sub}).data[0].lines.data
    assert [(line.amount, line.parent.type) for line in lines] == [
        (-1000, "invoice_item_details"),
        (2500, "invoice_item_details"),
    ]
    assert period_of(shop, sub) == ("31 Jan", "28 Feb")


def test_prorations_wait_for_the_next_invoice(shop: Shop):
    sub = shop.subscribe()
    shop.server.advance(days=14)

    shop.server.change_plan(sub, shop.better)
    assert len(invoices_of(shop, sub)) == 1
    shop.server.advance(days=15)

    assert invoices_of(shop, sub)[0] == ("subscription_cycle", "paid", 6500)


def test_a_change_without_proration_costs_from_the_next_period(shop: Shop):
    sub = shop.subscribe()
    shop.server.advance(days=14)

    shop.server.change_plan(sub, shop.better, proration_behavior="none")
    shop.server.advance(days=15)

    assert [total for _, _, total in invoices_of(shop, sub)] == [5000, 2000]


def test_an_upgrade_with_a_new_anchor_begins_a_new_period(shop: Shop):
    sub = shop.subscribe()
    shop.server.advance(days=14)

    shop.server.change_plan(sub, shop.better, proration_behavior="always_invoice", billing_cycle_anchor="now")

    assert invoices_of(shop, sub)[0] == ("subscription_update", "paid", 4000)
    assert period_of(shop, sub) == ("14 Feb", "14 Mar")


def test_another_interval_begins_a_new_period(shop: Shop):
    sub = shop.subscribe()
    shop.server.advance(days=14)

    shop.server.change_plan(sub, shop.yearly)

    assert invoices_of(shop, sub)[0] == ("subscription_update", "paid", 19000)


def test_a_downgrade_leaves_a_credit_for_the_next_invoice(shop: Shop):
    sub = shop.subscribe()
    shop.server.change_plan(sub, shop.better, proration_behavior="always_invoice")
    shop.server.advance(days=14)

    shop.server.change_plan(sub, shop.plan, proration_behavior="always_invoice")
    assert shop.client.v1.customers.retrieve(shop.customer).balance == -1500
    shop.server.advance(days=15)

    last = shop.client.v1.invoices.list({"subscription": sub}).data[0]
    assert (last.total, last.starting_balance, last.amount_due, last.amount_paid) == (2000, -1500, 500, 500)


def test_a_price_without_its_item_is_a_second_item(shop: Shop):
    sub = shop.subscribe()

    shop.client.v1.subscriptions.update(sub, {"items": [{"price": shop.better}], "proration_behavior": "none"})

    assert len(shop.client.v1.subscription_items.list({"subscription": sub}).data) == 2


def test_mixed_intervals_are_refused_and_change_nothing(shop: Shop):
    sub = shop.subscribe()

    with pytest.raises(stripe.InvalidRequestError, match="interval fields must match"):
        shop.client.v1.subscriptions.update(sub, {"items": [{"price": shop.yearly}]})

    assert len(shop.server.object(sub)["items"]["data"]) == 1


def test_a_refused_card_is_tried_again_and_then_ends_the_subscription(shop: Shop):
    sub = shop.subscribe()
    shop.server.card_fails(shop.customer)

    shop.server.advance(days=29)
    assert shop.server.object(sub)["status"] == "past_due"
    shop.server.advance(days=16)

    failed = [datetime.fromtimestamp(one["created"], UTC) for one in shop.server.events_of("invoice.payment_failed")]
    assert [f"{at:%d %b}" for at in failed] == ["28 Feb", "03 Mar", "08 Mar", "15 Mar"]
    ended = shop.server.object(sub)
    assert (ended["status"], ended["cancellation_details"]["reason"]) == ("canceled", "payment_failed")
    assert invoices_of(shop, sub)[0] == ("subscription_cycle", "open", 2000)


def test_a_card_that_works_again_makes_it_active(shop: Shop):
    sub = shop.subscribe()
    shop.server.card_fails(shop.customer)
    shop.server.advance(days=29)

    shop.server.card_fails(shop.customer, False)
    shop.server.advance(days=3)

    assert shop.server.object(sub)["status"] == "active"
    assert invoices_of(shop, sub)[0] == ("subscription_cycle", "paid", 2000)


def test_a_refused_upgrade_keeps_the_old_plan_where_that_was_asked(shop: Shop):
    sub = shop.subscribe()
    shop.server.card_fails(shop.customer)
    count = len(shop.server.events)
    upgrade = {
        "items": [{"id": shop.server.object(sub)["items"]["data"][0]["id"], "price": shop.better}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "error_if_incomplete",
    }

    with pytest.raises(stripe.CardError):
        shop.client.v1.subscriptions.update(sub, upgrade)

    assert shop.server.object(sub)["items"]["data"][0]["price"]["id"] == shop.plan
    assert shop.kinds_since(count) == []


def test_a_slow_first_payment_that_fails_leaves_it_past_due(shop: Shop):
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": shop.customer,
            "line_items": [{"price": shop.plan, "quantity": 1}],
            "success_url": "http://127.0.0.1/",
        }
    ).id
    sub = shop.server.pay(session, later=True)["subscription"]
    assert shop.server.object(sub)["status"] == "active"

    shop.server.async_fail(session)

    assert shop.server.object(sub)["status"] == "past_due"
    assert invoices_of(shop, sub) == [("subscription_create", "open", 2000)]


def test_the_ended_are_listed_only_when_asked(shop: Shop):
    sub = shop.subscribe()
    shop.client.v1.subscriptions.cancel(sub)

    assert shop.client.v1.subscriptions.list({"customer": shop.customer}).data == []
    assert [one.id for one in shop.client.v1.subscriptions.list({"customer": shop.customer, "status": "all"}).data] == [
        sub
    ]
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        shop.client.v1.subscriptions.cancel(sub)


@pytest.mark.parametrize(
    ("how", "lines", "due"),
    [("always_invoice", [-1000, 2500], 1500), ("create_prorations", [-1000, 2500, 5000], 6500), ("none", [5000], 5000)],
)
def test_a_preview_says_what_an_upgrade_costs_and_changes_nothing(shop: Shop, how: str, lines: list[int], due: int):
    sub = shop.subscribe()
    shop.server.advance(days=14)
    item = shop.server.object(sub)["items"]["data"][0]["id"]
    before = (shop.server.objects(), shop.server.events)

    preview = shop.client.v1.invoices.create_preview(
        {
            "subscription": sub,
            "subscription_details": {"items": [{"id": item, "price": shop.better}], "proration_behavior": how},
        }
    )

    assert ([line.amount for line in preview.lines.data], preview.amount_due) == (lines, due)
    assert (preview.status, preview.number, preview.id.startswith("upcoming_in_")) == ("draft", None, True)
    assert (shop.server.objects(), shop.server.events) == before
