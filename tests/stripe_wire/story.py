"""An account in which everything has happened once, for tests that look at every object and every event."""

from __future__ import annotations

import stripe

from tests.stripe_wire.server import StripeServer


def live_a_year(server: StripeServer) -> StripeServer:
    """Buy, refund, dispute, subscribe, upgrade, fail to pay, cancel and delete."""
    client = server.client()
    customer = client.v1.customers.create({"email": "ada@example.com"}).id
    client.v1.customers.update(customer, {"name": "Ada", "address": {"country": "US"}})
    pack, plan, better = _catalog(client)
    _payments(server, client, pack, customer)
    _subscriptions(server, client, (plan, better), customer)
    _dashboard(client, customer)
    client.v1.customers.delete(client.v1.customers.create({"email": "eve@example.com"}).id)
    return server


def session_of(client: stripe.StripeClient, mode: str, price: str, customer: str, /, **more: object) -> str:
    """The id of a new checkout session; `more` are parameters."""
    params = {
        "mode": mode,
        "customer": customer,
        "line_items": [{"price": price, "quantity": 1}],
        "success_url": "http://127.0.0.1/done?session={CHECKOUT_SESSION_ID}",
        **more,
    }
    return client.v1.checkout.sessions.create(params).id


def _catalog(client: stripe.StripeClient) -> tuple[str, str, str]:
    products, prices = client.v1.products, client.v1.prices
    products.create({"id": "credits", "name": "Credits"})
    products.update("credits", {"name": "Credits for videos"})
    products.delete(products.create({"name": "Nothing"}).id)
    price = {"product": "credits", "currency": "usd"}
    pack = prices.create({**price, "unit_amount": 1000, "lookup_key": "pack"}).id
    prices.update(pack, {"nickname": "Ten dollars"})
    monthly = [
        prices.create({**price, "unit_amount": cents, "recurring": {"interval": "month"}}).id for cents in (2000, 5000)
    ]
    return pack, monthly[0], monthly[1]


def _payments(server: StripeServer, client: stripe.StripeClient, pack: str, customer: str) -> None:
    paid = session_of(client, "payment", pack, customer)
    server.pay(paid)
    server.refund(paid, 400)
    server.close_dispute(server.dispute(paid)["id"], "lost")
    won = session_of(client, "payment", pack, customer)
    server.decline(won)
    server.pay(won)
    server.close_dispute(server.dispute(won)["id"], "won")
    for finish in (server.async_succeed, server.async_fail):
        slow = session_of(client, "payment", pack, customer)
        server.pay(slow, later=True)
        finish(slow)
    server.abandon(session_of(client, "payment", pack, customer))


def _subscriptions(server: StripeServer, client: stripe.StripeClient, plans: tuple[str, str], customer: str) -> None:
    session = session_of(client, "subscription", plans[0], customer)
    sub = str(server.pay(session)["subscription"])
    server.advance(days=10)
    server.change_plan(sub, plans[1], proration_behavior="always_invoice")
    server.change_plan(sub, plans[0])
    client.v1.subscriptions.update(sub, {"cancel_at_period_end": True})
    client.v1.subscriptions.update(sub, {"cancel_at_period_end": False})
    server.card_fails(customer)
    server.advance(days=80)


def _dashboard(client: stripe.StripeClient, customer: str) -> None:
    portal = client.v1.billing_portal
    features = {"payment_method_update": {"enabled": True}, "subscription_cancel": {"enabled": True}}
    configuration = portal.configurations.create({"features": features}).id
    portal.sessions.create({"customer": customer, "return_url": "http://127.0.0.1/billing"})
    sub = client.v1.subscriptions.list({"customer": customer, "status": "all"}).data[0].id
    for flow in (
        {"type": "payment_method_update"},
        {"type": "subscription_cancel", "subscription_cancel": {"subscription": sub}},
    ):
        portal.sessions.create({"customer": customer, "configuration": configuration, "flow_data": flow})
    client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:1/hook", "enabled_events": ["charge.refunded"]})
