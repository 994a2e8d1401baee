"""dj-stripe takes in every event that the product lives on, and finds whatever it fetches again."""

from __future__ import annotations

import json
from typing import Any

import pytest
import stripe
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from djstripe.models import (
    Charge,
    Dispute,
    Event,
    Invoice,
    PaymentIntent,
    Price,
    Session,
    Subscription,
)
from djstripe.models.base import StripeModel

from tests.stripe_wire.fixtures import stripe_server
from tests.stripe_wire.server import StripeServer
from tests.stripe_wire.story import live_a_year

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
    return live_a_year(stripe_server)


@pytest.mark.parametrize("order", ["made", pytest.param("reversed", marks=pytest.mark.slow)])
def test_every_event_is_processed_in_any_order(year: StripeServer, order: str):
    events = year.events if order == "made" else year.events[::-1]

    for event in events:
        Event.process(json.loads(json.dumps(event)))

    assert {event["type"] for event in events} >= set(EVENTS.split())
    assert Event.objects.count() == len(events)
    assert [asked for asked in year.requests if asked.status >= 400 and asked.status != 404] == []
    # Refunds are not among them: dj-stripe listens to no refund event, and charges no longer carry their refunds.
    for model in (Charge, Dispute, Invoice, PaymentIntent, Price, Session, Subscription):
        assert _held(model) == _there(year, model), model


def _held(model: type[StripeModel]) -> dict[str, str | None]:
    return {row.id: row.stripe_data.get("status") for row in model.objects.all()}


def _there(server: StripeServer, model: type[StripeModel]) -> dict[str, str | None]:
    kind = model.stripe_class.OBJECT_NAME
    return {one["id"]: one.get("status") for one in server.objects() if one["object"] == kind}


@csrf_exempt
def hear(request: HttpRequest) -> HttpResponse:
    """A webhook view as the product has one."""
    try:
        stripe.Webhook.construct_event(
            request.body, request.headers["Stripe-Signature"], django_settings.STRIPE_WEBHOOK_SECRET
        )
    except stripe.SignatureVerificationError:
        return HttpResponse(status=400)
    return HttpResponse(status=204)


urlpatterns = [path("hook", hear)]


def test_events_are_delivered_to_a_test_client(stripe_server: StripeServer, settings: Any):
    settings.ROOT_URLCONF = __name__
    stripe.Product.create(name="Credits")
    client, event = Client(), stripe_server.events[0]

    assert stripe_server.deliver(event, client, path="/hook") == 204
    assert stripe_server.deliver(event, client, path="/hook", secret="other") == 400  # pragma: allowlist secret
    assert stripe_server.deliver(event, client, path="/hook", at=1.0) == 400
    assert stripe_server.deliver_all(client, path="/hook") == [204]
