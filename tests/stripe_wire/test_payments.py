"""Checkout, refunds and disputes as Stripe lets them happen."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_wire.conftest import Shop


def test_a_session_says_what_is_bought_and_where_to_pay(shop: Shop):
    session = shop.client.v1.checkout.sessions.retrieve(shop.buy(client_reference_id="7", metadata={"order": "7"}))

    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 1000)
    assert (session.client_reference_id, session.metadata["order"], session.payment_intent) == ("7", "7", None)
    assert session.url == f"{shop.server.url}/c/pay/{session.id}"


def test_paying_completes_the_session(shop: Shop):
    session = shop.buy(payment_intent_data={"metadata": {"order": "7"}})
    count = len(shop.server.events)

    shop.server.pay(session)

    assert shop.kinds_since(count) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ]
    found = shop.client.v1.checkout.sessions.retrieve(session, {"expand": ["payment_intent.latest_charge"]})
    assert (found.status, found.payment_status, found.url) == ("complete", "paid", None)
    charge = found.payment_intent.latest_charge
    assert (charge.amount, charge.paid, charge.metadata["order"]) == (1000, True, "7")
    assert charge.receipt_url == f"{shop.server.url}/receipts/{charge.id}"


def test_the_fee_is_known_only_after_the_charge(shop: Shop):
    shop.server.pay(shop.buy())

    succeeded, updated = shop.server.events_of("charge.succeeded", "charge.updated")
    assert succeeded["data"]["object"]["balance_transaction"] is None
    entry = updated["data"]["object"]["balance_transaction"]
    assert updated["data"]["previous_attributes"] == {"balance_transaction": None}
    assert shop.client.v1.balance_transactions.retrieve(entry).fee == 59


@pytest.mark.parametrize(
    ("finish", "status", "kinds"),
    [
        ("async_succeed", "paid", ["charge.succeeded", "payment_intent.succeeded", "async_payment_succeeded"]),
        ("async_fail", "unpaid", ["charge.failed", "payment_intent.payment_failed", "async_payment_failed"]),
    ],
)
def test_a_slow_payment_is_unpaid_until_it_arrives(shop: Shop, finish: str, status: str, kinds: list[str]):
    session = shop.buy()

    done = shop.server.pay(session, later=True)
    count = len(shop.server.events)
    getattr(shop.server, finish)(session)

    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    told = [kind.removeprefix("checkout.session.") for kind in shop.kinds_since(count) if kind != "charge.updated"]
    assert told == kinds
    assert shop.server.object(session)["payment_status"] == status


def test_a_declined_card_leaves_the_session_open(shop: Shop):
    session = shop.buy()

    shop.server.decline(session)
    assert shop.server.object(session)["status"] == "open"
    intent = shop.server.pay(session)["payment_intent"]

    charges = shop.client.v1.charges.list({"payment_intent": intent}).data
    assert [one.status for one in charges] == ["succeeded", "failed"]


def test_a_session_expires_by_itself(shop: Shop):
    session = shop.buy(expires_at=int(shop.server.now.timestamp()) + 3600)

    shop.server.advance(minutes=59)
    assert shop.server.object(session)["status"] == "open"
    shop.server.advance(minutes=1)

    assert shop.server.object(session)["status"] == "expired"
    assert [one["data"]["object"]["id"] for one in shop.server.events_of("checkout.session.expired")] == [session]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"mode": "subscription"}, "mode"),
        ({"mode": "setup"}, "mode"),
        ({"customer_email": "a@example.com"}, None),
        ({"subscription_data": {"metadata": {"a": "b"}}}, "subscription_data"),
        ({"expires_at": 1}, "expires_at"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
    ],
)
def test_a_wrong_session_is_refused(shop: Shop, more: dict[str, object], param: str | None):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.buy(**more)

    assert refused.value.param == param


def test_only_open_sessions_can_be_expired(shop: Shop):
    session = shop.buy()
    shop.client.v1.checkout.sessions.expire(session)

    with pytest.raises(stripe.InvalidRequestError, match="status of expired"):
        shop.client.v1.checkout.sessions.expire(session)


def test_a_stranger_becomes_a_customer_where_one_is_needed(shop: Shop):
    session = shop.client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer_email": "new@example.com",
            "line_items": [{"price": shop.plan, "quantity": 1}],
            "success_url": "http://127.0.0.1/",
        }
    )

    customer = shop.server.pay(session.id)["customer"]

    assert shop.client.v1.customers.retrieve(customer).email == "new@example.com"


def test_refunds_add_up_to_the_charge_and_no_further(shop: Shop):
    intent = shop.server.pay(shop.buy())["payment_intent"]
    count = len(shop.server.events)

    shop.client.v1.refunds.create({"payment_intent": intent, "amount": 400})
    with pytest.raises(
        stripe.InvalidRequestError, match=r"\$7.00\) is greater than unrefunded amount on charge \(\$6.00"
    ):
        shop.client.v1.refunds.create({"payment_intent": intent, "amount": 700})
    shop.client.v1.refunds.create({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.v1.refunds.create({"payment_intent": intent})

    assert refused.value.code == "charge_already_refunded"
    assert shop.kinds_since(count) == ["refund.created", "charge.refunded"] * 2
    charge = shop.client.v1.charges.list({"payment_intent": intent, "expand": ["data.refunds"]}).data[0]
    assert (charge.amount_refunded, charge.refunded, [one.amount for one in charge.refunds.data]) == (
        1000,
        True,
        [600, 400],
    )


@pytest.mark.parametrize("of", ["invoice", "latest_charge", "payment_intent"])
def test_a_subscriptions_payment_is_refunded_by_any_of_its_ids(shop: Shop, of: str):
    shop.subscribe()
    payment = shop.client.v1.invoice_payments.list({"expand": ["data.payment.payment_intent"]}).data[0]
    intent = payment.payment.payment_intent
    ids = {"invoice": payment.invoice, "latest_charge": intent.latest_charge, "payment_intent": intent.id}

    refund = shop.server.refund(ids[of], 500)

    assert (refund["charge"], refund["amount"]) == (intent.latest_charge, 500)


def test_charges_show_their_refunds_only_when_asked(shop: Shop):
    session = shop.buy()
    shop.server.pay(session)
    shop.server.refund(session)

    assert "refunds" not in shop.server.events_of("charge.refunded")[0]["data"]["object"]


@pytest.mark.parametrize(
    ("status", "kinds", "net"),
    [
        ("lost", ["charge.dispute.closed"], -2500),
        ("won", ["charge.dispute.closed", "charge.dispute.funds_reinstated"], -1500),
    ],
)
def test_a_dispute_takes_the_money_until_it_is_won(shop: Shop, status: str, kinds: list[str], net: int):
    session = shop.buy()
    shop.server.pay(session)

    dispute = shop.server.dispute(session)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.v1.refunds.create({"charge": dispute["charge"]})
    count = len(shop.server.events)
    shop.server.close_dispute(dispute["id"], status)

    assert refused.value.code == "charge_disputed"
    assert shop.kinds_since(count) == kinds
    found = shop.client.v1.disputes.list({"charge": dispute["charge"]}).data[0]
    assert (found.status, sum(entry.net for entry in found.balance_transactions)) == (status, net)


def test_a_lookup_key_has_one_price(shop: Shop):
    params = {"product": "credits", "currency": "usd", "unit_amount": 900, "lookup_key": "pack"}

    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        shop.client.v1.prices.create(params)
    moved = shop.client.v1.prices.create({**params, "transfer_lookup_key": True})

    assert [one.id for one in shop.client.v1.prices.list({"lookup_keys": ["pack"]}).data] == [moved.id]
    assert shop.client.v1.prices.retrieve(shop.pack).lookup_key is None


def test_what_a_price_costs_cannot_be_changed(shop: Shop):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.v1.prices.update(shop.pack, {"unit_amount": 1})

    assert refused.value.code == "parameter_unknown"


def test_a_deleted_customer_leaves_a_stub_and_no_subscription(shop: Shop):
    sub = shop.subscribe()

    shop.client.v1.customers.delete(shop.customer)

    assert shop.client.v1.customers.retrieve(shop.customer).deleted is True
    assert shop.server.object(sub)["status"] == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.customers.update(shop.customer, {"name": "Nobody"})
