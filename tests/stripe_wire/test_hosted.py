"""The hosted pages and the events on their way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
import stripe

from tests.stripe_wire.conftest import Shop
from tests.stripe_wire.delivery import payload_of, signature
from tests.wire.server import Call, Reply, WireServer, serving


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """A redirect is what the tests look at."""


def browse(url: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    request = Request(url, urlencode(form).encode() if form else None)
    try:
        with build_opener(_Stay).open(request, timeout=5) as answer:
            return answer.status, "", answer.read().decode()
    except OSError as error:
        return error.code, error.headers.get("Location", ""), error.read().decode()


class Ear:
    """Somebody who listens to webhooks and answers with the next of `statuses`, 200 when none is left."""

    def __init__(self) -> None:
        self.heard: list[Call] = []
        self.statuses: list[int] = []
        self._lock = threading.Lock()

    def hear(self, call: Call, _: object) -> Reply:
        with self._lock:
            self.heard.append(call)
            return Reply(self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def listener(ear: Ear) -> Iterator[WireServer]:
    with serving(WireServer({("POST", "/hook"): ear.hear})) as server:
        yield server


def test_the_checkout_page_pays_and_leads_back(shop: Shop):
    session = shop.buy(cancel_url="http://127.0.0.1/back")
    url = shop.server.object(session)["url"]

    _, _, page = browse(url)
    status, target, _ = browse(url, {"action": "pay", "email": "ada@example.com"})

    assert "Credits × 1: 10.00 USD" in page
    assert '<a href="http://127.0.0.1/back">Back</a>' in page
    assert (status, target) == (303, f"http://127.0.0.1/done?session={session}")
    assert shop.server.object(session)["payment_status"] == "paid"


def test_paying_twice_pays_once(shop: Shop):
    session = shop.buy()
    url = shop.server.object(session)["url"]

    browse(url, {"action": "pay"})
    _, target, page = browse(url, {"action": "pay"})

    assert (target, "The checkout is complete." in page) == ("", True)
    assert len(shop.client.v1.charges.list().data) == 1


def test_the_portal_does_what_its_configuration_allows(shop: Shop):
    sub = shop.subscribe()
    products = [{"product": "credits", "prices": [shop.plan, shop.better]}]
    configuration = shop.client.v1.billing_portal.configurations.create(
        {
            "features": {
                "subscription_cancel": {"enabled": True},
                "subscription_update": {"enabled": True, "default_allowed_updates": ["price"], "products": products},
            }
        }
    )
    url = shop.client.v1.billing_portal.sessions.create(
        {"customer": shop.customer, "configuration": configuration.id, "return_url": "http://127.0.0.1/billing"}
    ).url

    assert '<a href="http://127.0.0.1/billing">Return</a>' in browse(url)[2]
    assert browse(url, {"subscription": sub, "action": "cancel"})[:2] == (303, url)
    assert "Keep plan" in browse(url)[2]
    browse(url, {"subscription": sub, "action": "resume"})
    browse(url, {"subscription": sub, "price": shop.better})

    found = shop.server.object(sub)
    assert (found["cancel_at_period_end"], found["items"]["data"][0]["price"]["id"]) == (False, shop.better)
    assert browse(url, {"subscription": sub, "price": shop.yearly})[0] == 400


def test_a_new_card_in_the_portal_saves_the_subscription(shop: Shop):
    sub = shop.subscribe()
    shop.server.card_fails(shop.customer)
    shop.server.advance(days=29)
    configuration = shop.client.v1.billing_portal.configurations.create(
        {"features": {"payment_method_update": {"enabled": True}, "subscription_cancel": {"enabled": True}}}
    )
    after = {"type": "redirect", "redirect": {"return_url": "http://127.0.0.1/thanks"}}
    url = shop.client.v1.billing_portal.sessions.create(
        {
            "customer": shop.customer,
            "configuration": configuration.id,
            "flow_data": {"type": "payment_method_update", "after_completion": after},
        }
    ).url

    assert "Cancel plan" not in browse(url)[2]
    assert browse(url, {"action": "card"})[:2] == (303, "http://127.0.0.1/thanks")
    shop.server.advance(days=3)

    assert shop.server.object(sub)["status"] == "active"
    shop_card = shop.server.object(shop.customer)["invoice_settings"]["default_payment_method"]
    assert shop.client.v1.charges.list().data[0].payment_method == shop_card


def test_a_declined_card_can_be_tried_on_the_page(shop: Shop):
    session = shop.buy()

    status, _, page = browse(shop.server.object(session)["url"], {"action": "decline"})

    assert (status, "Your card was declined." in page) == (200, True)
    assert shop.server.object(session)["status"] == "open"


def test_the_default_portal_allows_nothing(shop: Shop):
    sub = shop.subscribe()
    url = shop.client.v1.billing_portal.sessions.create({"customer": shop.customer}).url

    assert "Cancel plan" not in browse(url)[2]
    assert browse(url, {"subscription": sub, "action": "cancel"})[0] == 400


def test_receipts_and_invoices_are_pages(shop: Shop):
    shop.subscribe()

    charge = shop.client.v1.charges.list().data[0]
    invoice = shop.client.v1.invoices.list().data[0]

    assert "Paid: 20.00 USD" in browse(charge.receipt_url)[2]
    assert "Due: 20.00 USD" in browse(invoice.hosted_invoice_url)[2]
    assert browse(f"{shop.server.url}/receipts/{invoice.id}")[0] == 404


def test_events_are_posted_with_signatures_that_the_sdk_accepts(shop: Shop, ear: Ear, listener: WireServer):
    shop.server.send_webhooks(f"{listener.url}/hook", ("checkout.session.*",))

    shop.server.pay(shop.buy())
    shop.server.webhooks.wait()

    assert len(ear.heard) == 1
    event = stripe.Webhook.construct_event(
        ear.heard[0].body, ear.heard[0].headers["Stripe-Signature"], shop.server.webhook_secret
    )
    assert event.type == "checkout.session.completed"


def test_an_event_is_posted_until_it_is_taken(shop: Shop, ear: Ear, listener: WireServer):
    ear.statuses = [500, 400]
    shop.server.send_webhooks(f"{listener.url}/hook", ("product.created",))

    made = shop.client.v1.products.create({"name": "Another"})
    shop.server.webhooks.wait()

    assert [call.json["data"]["object"]["id"] for call in ear.heard] == [made.id] * 3
    assert [parcel.statuses for parcel in shop.server.webhooks.done] == [[500, 400, 200]]


def test_events_can_be_held_dropped_and_released(shop: Shop, ear: Ear, listener: WireServer):
    shop.server.send_webhooks(f"{listener.url}/hook", ("product.*",))
    shop.server.webhooks.hold()
    first = shop.client.v1.products.create({"name": "First"}).id
    second = shop.client.v1.products.create({"name": "Second"}).id

    dropped = shop.server.webhooks.drop(lambda event: event["data"]["object"]["id"] == first)
    assert ear.heard == []
    shop.server.webhooks.release()
    shop.server.webhooks.wait()

    assert [event["data"]["object"]["id"] for event in dropped] == [first]
    assert [call.json["data"]["object"]["id"] for call in ear.heard] == [second]


def test_an_endpoint_made_over_the_api_has_its_own_secret(shop: Shop, ear: Ear, listener: WireServer):
    made = shop.client.v1.webhook_endpoints.create({"url": f"{listener.url}/hook", "enabled_events": ["*"]})
    shop.client.v1.products.create({"name": "Another"})
    shop.server.webhooks.wait()

    stripe.WebhookSignature.verify_header(
        ear.heard[0].body.decode(), ear.heard[0].headers["Stripe-Signature"], made.secret
    )
    assert "secret" not in shop.client.v1.webhook_endpoints.retrieve(made.id)


def test_an_old_or_foreign_signature_is_not_accepted(shop: Shop):
    payload = payload_of(shop.server.events[0])
    secret = shop.server.webhook_secret

    assert stripe.WebhookSignature.verify_header(payload, signature(payload, secret), secret, tolerance=300)
    for header in (signature(payload, secret, at=1.0), signature(payload, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(payload, header, secret, tolerance=300)


@pytest.mark.parametrize("order", ["made", "reversed", "shuffled"])
def test_every_event_is_delivered_once_in_any_order(shop: Shop, ear: Ear, listener: WireServer, order: str):
    shop.server.pay(shop.buy())

    statuses = shop.server.deliver_all(f"{listener.url}/hook", order=order)

    made = [event["id"] for event in shop.server.events]
    heard = [call.json["id"] for call in ear.heard]
    assert statuses == [200] * len(made)
    assert sorted(heard) == sorted(made)
    assert (heard == made, heard == made[::-1]) == (order == "made", order == "reversed")


def test_events_are_listed_by_type(shop: Shop):
    shop.server.pay(shop.buy())

    found = shop.client.v1.events.list({"types": ["charge.succeeded", "checkout.session.completed"]}).data

    assert [event.type for event in found] == ["checkout.session.completed", "charge.succeeded"]
    assert shop.client.v1.events.retrieve(found[0].id).data.object.payment_status == "paid"
