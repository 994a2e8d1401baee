"""Events as Stripe sends them: bytes, and the header that signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

SECRET = "whsec_0123456789abcdefghijklmn"  # pragma: allowlist secret
KEY = "sk_test_0123456789abcdefghijklmn"  # pragma: allowlist secret


def event_of(kind: str = "product.created", *, livemode: bool = False, **thing: Any) -> dict[str, Any]:
    return {
        "id": f"evt_{hashlib.sha256(repr(thing).encode()).hexdigest()[:24]}",
        "object": "event",
        "type": kind,
        "api_version": "2026-08-26.dahlia",
        "created": 1_764_000_000,
        "livemode": livemode,
        "data": {"object": {"object": "product", **thing}},
    }


def body_of(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


def signature_of(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"
