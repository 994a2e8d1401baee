"""For every test: no way out but loopback, nothing remembered from the last, and a database that can be emptied."""

from __future__ import annotations

import socket

import pytest
from django.core.cache import caches

pytest_plugins = ["tests.database", "tests.chaos.records"]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    caches["process"].clear()


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0] if isinstance(address, tuple) else ""
            if host not in ("127.0.0.1", "::1", "localhost"):
                raise PermissionError(f"tests open no socket beyond loopback, not to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
