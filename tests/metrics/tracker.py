"""What arrives at an error tracker: a server on loopback that takes envelopes in Sentry's format."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import brotli

from tests.wire.server import Call, WireServer, as_json

_DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}


class Tracker:
    """`dsn` is what is set; `text` everything that came, envelopes and headers, readable."""

    def __init__(self) -> None:
        self._server = WireServer({("POST", r"/api/1/envelope/"): lambda call, match: as_json({"id": "1"})})
        self.dsn = self._server.url.replace("://", "://public@") + "/1"

    @property
    def text(self) -> str:
        return "\n".join(f"{call.path} {call.headers} {_body(call)}" for call in self._server.calls)

    def events(self, *, at_least: int) -> list[dict[str, Any]]:
        """Return the events that came; waits up to five seconds for so many."""
        deadline = time.monotonic() + 5
        while len(found := self._events()) < at_least and time.monotonic() < deadline:
            time.sleep(0.02)
        return found

    def close(self) -> None:
        self._server.close()

    def _events(self) -> list[dict[str, Any]]:
        return [json.loads(_body(call).splitlines()[2]) for call in list(self._server.calls)]


def _body(call: Call) -> str:
    return _DECODERS[call.headers.get("Content-Encoding", "")](call.body).decode()
