"""Which of django-q2's brokers carries hints: PostgreSQL itself, or Redis or SQS where it is not quick enough."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from canvascast import env

# SQS hides what was taken for twelve hours at most.
_SQS_LONGEST_SECONDS = 43_200
_SQS_POLL_SECONDS = 2
# A page must not wait long for a broker that has vanished. An answer takes longer than a poll.
BROKER_CONNECT_SECONDS, BROKER_ANSWER_SECONDS = 2, 5

_PATIENT = "canvascast.patient_brokers"

BROKER_URL = env.value("BROKER_URL", "")
HINTS_COMMIT_WITH_ROWS = not BROKER_URL
"""Whether a hint is part of the transaction that it is about. Where not, it is sent after the commit."""


def broker() -> dict[str, Any]:  # Any: the shape of Q_CLUSTER
    """Return the part of Q_CLUSTER that names the broker and its timers. Raises ImproperlyConfigured."""
    url = urlsplit(BROKER_URL)
    if not BROKER_URL:
        return {"orm": "default", "broker_class": "canvascast.patient_queue.PatientQueue", **_timers(86_400)}
    if url.scheme in ("redis", "rediss"):
        return {"redis": _with_timeouts(BROKER_URL), "broker_class": f"{_PATIENT}.PatientRedis", **_timers(86_400)}
    if url.scheme == "sqs" and url.hostname:
        sqs = _sqs(url.hostname, url.username, url.password)
        return {"sqs": sqs, "broker_class": f"{_PATIENT}.PatientSqs", **_timers(_SQS_LONGEST_SECONDS)}
    raise ImproperlyConfigured("BROKER_URL is empty, redis://HOST:PORT/N, rediss://… or sqs://REGION.")


def _with_timeouts(address: str) -> str:
    sign = "&" if urlsplit(address).query else "?"
    limits = f"socket_timeout={BROKER_ANSWER_SECONDS}&socket_connect_timeout={BROKER_CONNECT_SECONDS}"
    return f"{address}{sign}{limits}"


def _sqs(region: str, key: str | None, secret: str | None) -> dict[str, Any]:  # Any: arguments of boto3's Session
    """Without a key in the address boto3 looks for one where it always does."""
    named = {"aws_access_key_id": unquote(key), "aws_secret_access_key": unquote(secret)} if key and secret else {}
    return {"aws_region": region, "receive_message_wait_time_seconds": _SQS_POLL_SECONDS, **named}


def _timers(retry_seconds: int) -> dict[str, int]:
    """They must never act: leases and the sweep decide what runs again."""
    return {"retry": retry_seconds, "timeout": retry_seconds - 400}
