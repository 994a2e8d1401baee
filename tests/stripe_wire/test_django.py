"""dj-stripe takes in every event that the product lives on, and finds whatever it fetches again."""

from __future__ import annotations

import json

import pytest
import stripe
from djstripe.models import Event

from tests.stripe_wire.fixtures import stripe_server
from tests.stripe_wire.server import StripeServer

__all__ = ["stripe_server"]

pytestmark = pytest.mark.django_db

EVENTS = (
    "charge.dispute.closed charge.dispute.created charge.refunded charge.succeeded "
    "checkout.session.async_payment_failed checkout.session.async_payment_succeeded checkout.session.completed "
    "checkout.session.expired customer.created customer.deleted customer.subscription.created "
    "customer.subscription.deleted customer.subscription.updated customer.updated invoice.created invoice.finalized "
    "invoice.paid invoice.payment_failed invoice.payment_succeeded payment_intent.succeeded price.created "
    "price.updated product.created product.deleted product.updated refund.created"
)


@pytest.fixture
def year(stripe_server: StripeServer) -> StripeServer:
    """An account in which everything has happened once."""
    pack, plan = _catalog()
    customer = stripe.Customer.create(email="ada@example.com").id
    stripe.Customer.modify(customer, name="Ada")
    paid = _session("payment", pack, customer)
    stripe_server.pay(paid)
    stripe_server.refund(paid, 400)
    stripe_server.close_dispute(stripe_server.dispute(paid)["id"], "lost")
    for finish in (stripe_server.async_succeed, stripe_server.async_fail):
        slow = _session("payment", pack, customer)
        stripe_server.pay(slow, later=True)
        finish(slow)
    stripe_server.abandon(_session("payment", pack, customer))
    stripe_server.pay(_session("subscription", plan, customer))
    stripe_server.card_fails(customer)
    stripe_server.advance(days=60)
    gone = stripe.Customer.create(email="eve@example.com").id
    stripe.Customer.delete(gone)
    return stripe_server


def _catalog() -> tuple[str, str]:
    stripe.Product.create(id="credits", name="Credits")
    stripe.Product.modify("credits", name="Credits for videos")
    stripe.Product.delete(stripe.Product.create(name="Nothing").id)
    pack = stripe.Price.create(product="credits", currency="usd", unit_amount=1000, lookup_key="pack")
    stripe.Price.modify(pack.id, nickname="Ten dollars")
    plan = stripe.Price.create(product="credits", currency="usd", unit_amount=2000, recurring={"interval": "month"})
    return pack.id, plan.id


def _session(mode: str, price: str, customer: str) -> str:
    return stripe.checkout.Session.create(
        mode=mode,
        customer=customer,
        line_items=[{"price": price, "quantity": 1}],
        success_url="http://127.0.0.1/done?session={CHECKOUT_SESSION_ID}",
    ).id


@pytest.mark.parametrize("order", ["made", "reversed"])
def test_every_event_is_processed_in_any_order(year: StripeServer, order: str):
    events = year.events if order == "made" else year.events[::-1]

    for event in events:
        Event.process(json.loads(json.dumps(event)))

    assert Event.objects.count() == len(events)
    assert {event["type"] for event in events} >= set(EVENTS.split())
    refused = [asked for asked in year.requests if asked.status >= 400 and asked.status != 404]
    assert refused == []
