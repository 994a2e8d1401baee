"""A fresh account, the SDK pointed at it, and something to sell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import stripe

from tests.stripe_wire.server import StripeServer, serving_stripe
from tests.stripe_wire.story import session_of

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """A customer, a pack for 10 dollars, and plans for 20 and 50 dollars a month and 200 a year."""

    server: StripeServer
    client: stripe.StripeClient
    customer: str
    pack: str
    plan: str
    better: str
    yearly: str

    def buy(self, **more: object) -> str:
        """The id of an open session for the pack."""
        return session_of(self.client, "payment", self.pack, self.customer, **more)

    def subscribe(self) -> str:
        """The id of a subscription of the plan that was just paid."""
        session = session_of(self.client, "subscription", self.plan, self.customer)
        return str(self.server.pay(session)["subscription"])

    def kinds_since(self, count: int) -> list[str]:
        return [event["type"] for event in self.server.events[count:]]


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with serving_stripe(at=START, has_default_portal=True) as serving:
        yield serving


@pytest.fixture
def client(server: StripeServer) -> stripe.StripeClient:
    return server.client(max_network_retries=0)


@pytest.fixture
def shop(server: StripeServer, client: stripe.StripeClient) -> Shop:
    client.v1.products.create({"id": "credits", "name": "Credits"})
    price = {"product": "credits", "currency": "usd"}
    plans = ((2000, "month"), (5000, "month"), (20000, "year"))
    made = [
        client.v1.prices.create({**price, "unit_amount": cents, "recurring": {"interval": interval}}).id
        for cents, interval in plans
    ]
    return Shop(
        server,
        client,
        client.v1.customers.create({"email": "ada@example.com"}).id,
        client.v1.prices.create({**price, "unit_amount": 1000, "lookup_key": "pack"}).id,
        *made,
    )
