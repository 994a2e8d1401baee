"""Resend's `POST /emails` and `GET /domains` on loopback.

A mail needs a key and an address to send to, and is taken once under each Idempotency-Key. SEND_ONLY may send and ask
for nothing (https://resend.com/docs/api-reference/errors, https://resend.com/docs/api-reference/domains/list-domains).
"""

from __future__ import annotations

import re
import threading
from typing import Any
from uuid import UUID

from tests.wire.server import Call, Fault, Reply, WireServer, as_json

KEY = "re_wire"  # pragma: allowlist secret
SEND_ONLY = "re_send"  # pragma: allowlist secret


def said(code: int, name: str, message: str = "no", **headers: str) -> Fault:
    """An error as Resend words it (https://resend.com/docs/api-reference/errors)."""
    return Fault("answer", _no(code, name, message, **headers))


class ResendServer(WireServer):
    """`mails` are those that left, `domains` those of the account with their status."""

    def __init__(self, **domains: str) -> None:
        super().__init__({("POST", "/emails"): self._send, ("GET", "/domains"): self._list})
        self.domains = {name.replace("_", "."): status for name, status in domains.items()}
        self.mails: list[dict[str, Any]] = []
        self._by_key: dict[str, int] = {}
        self._taking = threading.Lock()

    def _send(self, call: Call, _: re.Match[str]) -> Reply:
        if call.headers.get("Authorization") not in (f"Bearer {KEY}", f"Bearer {SEND_ONLY}"):
            return _no(401, "missing_api_key")
        if not all(isinstance(call.json.get(field), wanted) for field, wanted in (("from", str), ("to", list))):
            return _no(422, "missing_required_field")
        with self._taking:
            return self._take(call)

    def _take(self, call: Call) -> Reply:
        key = call.headers.get("Idempotency-Key", "")
        if key not in self._by_key:
            self.mails.append(call.json)
            self._by_key |= {key: len(self.mails) - 1} if key else {}
            return _taken(len(self.mails) - 1)
        known = self._by_key[key]
        same = self.mails[known] == call.json
        return _taken(known) if same else _no(409, "invalid_idempotent_request")

    def _list(self, call: Call, _: re.Match[str]) -> Reply:
        key = call.headers.get("Authorization")
        if key == f"Bearer {SEND_ONLY}":
            return _no(401, "restricted_api_key", "This API key is restricted to only send emails")
        if key != f"Bearer {KEY}":
            return _no(400, "validation_error", "API key is invalid")
        data = [
            {"id": str(UUID(int=number)), "name": name, "status": status, "region": "us-east-1"}
            for number, (name, status) in enumerate(self.domains.items())
        ]
        return as_json({"object": "list", "has_more": False, "data": data})


def _taken(number: int) -> Reply:
    return as_json({"id": str(UUID(int=number))})


def _no(code: int, name: str, message: str = "no", **headers: str) -> Reply:
    return as_json({"statusCode": code, "name": name, "message": message}, code, **headers)
