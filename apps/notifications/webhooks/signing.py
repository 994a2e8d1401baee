"""Secrets and signatures by the Standard Webhooks scheme (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook

from apps.notifications.models import WebhookDelivery, WebhookEndpoint

_SECRET_BYTES = 32
_USER_AGENT = "CanvasCast-Webhooks/1"


def new_secret() -> str:
    """Return a secret as the scheme's libraries take it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers_of(delivery: WebhookDelivery, body: str, *, at: datetime) -> dict[str, str]:
    """Return the headers of one try at `at`, signed with every secret that is good then."""
    moment = at.astimezone(UTC)
    signatures = [
        Webhook(secret).sign(delivery.message_id, moment, body) for secret in _good_secrets(delivery.endpoint, moment)
    ]
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": _USER_AGENT,
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _good_secrets(endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    has_two = endpoint.previous_until is not None and endpoint.previous_until > at
    return [endpoint.secret, *([endpoint.previous_secret] if has_two else [])]
