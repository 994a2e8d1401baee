"""Here alone the vendors themselves are asked: with keys, and only by `make test-live`."""

from __future__ import annotations

import pytest
from django.conf import settings

from apps.pipeline.providers.vendors.account import Account
from canvascast.settings import providers


@pytest.fixture(autouse=True)
def _only_loopback() -> None:
    """Let these tests out."""


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Account]:
    for name, text in settings.LIVE_KEYS.items():
        monkeypatch.setenv(name, text)
    return providers.accounts()
