"""Fixtures for whoever talks to Stripe in a test: `from tests.stripe_wire.fixtures import stripe_server`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.stripe_wire.server import StripeServer, serving_stripe


@pytest.fixture
def stripe_server(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StripeServer]:  # Any: pytest-django's settings
    """A new account, to which the SDK, dj-stripe and the product's settings point."""
    with serving_stripe(has_default_portal=True) as server:
        settings.STRIPE_SECRET_KEY = settings.STRIPE_TEST_SECRET_KEY = server.key
        settings.STRIPE_WEBHOOK_SECRET = server.webhook_secret
        settings.STRIPE_LIVE_MODE = False
        settings.PAYMENTS_ENABLED = True
        monkeypatch.setattr(stripe, "api_base", server.url)
        monkeypatch.setattr(stripe, "api_key", server.key)
        yield server
