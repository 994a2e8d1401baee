"""The product with vendors' accounts that lead to servers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.pipeline.providers import registry
from apps.pipeline.providers.vendors.account import Account
from tests.providers.voicing import account
from tests.wire import elevenlabs, openai_speech
from tests.wire.server import WireServer


@contextmanager
def speaking(settings: Any, **servers: WireServer) -> Iterator[None]:  # Any: pytest-django's settings
    """Offer the voices of these vendors ("elevenlabs", "openai") before the built-in ones."""
    made = {
        "elevenlabs": lambda url: account("elevenlabs", url, elevenlabs.KEY, elevenlabs.MODEL),
        "openai": lambda url: account("openai", f"{url}/v1", openai_speech.KEY, "gpt-4o-mini-tts"),
    }
    accounts: dict[str, Account] = {vendor: made[vendor](server.url) for vendor, server in servers.items()}
    settings.PROVIDER_ACCOUNTS = accounts
    settings.SPEAKERS = [*servers, "espeak"]
    settings.ALIGNERS = ["speaker-events", "openai"]
    settings.CLONER = "elevenlabs" if "elevenlabs" in servers else ""
    registry.use_accounts(accounts)
    try:
        yield
    finally:
        registry.use_accounts({})
