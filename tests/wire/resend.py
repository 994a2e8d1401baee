"""Resend's `POST /emails` on loopback: a key, a mail with an address to send to, and each Idempotency-Key once."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from tests.wire.server import Call, Fault, Reply, WireServer, as_json

KEY = "re_wire"  # pragma: allowlist secret


def said(code: int, name: str, message: str = "no", **headers: str) -> Fault:
    """An error as Resend words it (https://resend.com/docs/api-reference/errors)."""
    return Fault("answer", _no(code, name, message, **headers))


class ResendServer(WireServer):
    """`mails` are those that left."""

    def __init__(self) -> None:
        super().__init__({("POST", "/emails"): self._send})
        self.mails: list[dict[str, Any]] = []
        self._by_key: dict[str, int] = {}

    def _send(self, call: Call, _: re.Match[str]) -> Reply:
        if call.headers.get("Authorization") != f"Bearer {KEY}":
            return _no(401, "missing_api_key")
        if not all(isinstance(call.json.get(field), wanted) for field, wanted in (("from", str), ("to", list))):
            return _no(422, "missing_required_field")
        key = call.headers.get("Idempotency-Key", "")
        if key not in self._by_key:
            self.mails.append(call.json)
            self._by_key |= {key: len(self.mails) - 1} if key else {}
            return _taken(len(self.mails) - 1)
        known = self._by_key[key]
        same = self.mails[known] == call.json
        return _taken(known) if same else _no(409, "invalid_idempotent_request")


def _taken(number: int) -> Reply:
    return as_json({"id": str(UUID(int=number))})


def _no(code: int, name: str, message: str = "no", **headers: str) -> Reply:
    return as_json({"statusCode": code, "name": name, "message": message}, code, **headers)
