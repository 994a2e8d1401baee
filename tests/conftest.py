"""For every test: no way out but loopback, nothing remembered from the last, and a database that can be emptied."""

from __future__ import annotations

import io
import socket
from types import SimpleNamespace

import pytest
from django.core.cache import caches

from canvascast import children, decoder, pictures

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


@pytest.fixture
def decoding_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder's own code in this process, for tests of something else: each child takes a twentieth of a second."""

    def decode(argv: list[str], limits: children.Limits, *, stdin: bytes, **_: object) -> tuple[bytes, str]:
        answer = io.BytesIO()
        exit_code = decoder.decode(stdin, argv[-1], answer)
        if exit_code:
            raise children.Failed("the decoder refused", exit_code)
        return answer.getvalue(), ""

    monkeypatch.setattr(pictures, "children", SimpleNamespace(**{**vars(children), "run_child": decode}))
