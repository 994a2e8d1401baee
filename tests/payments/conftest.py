"""A site that sells credits through the local Stripe server, one customer, and the queue emptied by hand."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from tests.payments.shop import Shop
from tests.stripe_wire.fixtures import stripe_server

__all__ = ["stripe_server"]


@pytest.fixture
def shop(stripe_server, settings, db) -> Shop:
    settings.STRIPE_API_HOST = stripe_server.url
    return Shop(stripe_server)


@pytest.fixture
def buyer(db) -> User:
    return User.objects.create_user("buyer@example.com")
