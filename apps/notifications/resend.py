"""Resend: how mail is handed to its API, and what its answers mean (https://resend.com/docs/api-reference/errors)."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import requests
import urllib3
from anymail.backends import resend
from anymail.exceptions import AnymailAPIError
from django.core.mail import EmailMessage
from django.utils import timezone
from requests.adapters import HTTPAdapter

from apps.notifications.refusals import Busy, NotSent, Refused

_MOST_ANSWER_BYTES = 64 * 1024
_PIECE_BYTES = 8 * 1024
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(hours=6)


class EmailBackend(resend.EmailBackend):  # type: ignore[misc]  # anymail is not typed
    """anymail's own. A message with an `idempotency_key` is taken once in 24 hours, however often it is sent.

    Resend answers an equal repeat as it did the first and another mail under the same key with a refusal, which
    `is_taken_already` knows (https://resend.com/docs/dashboard/emails/idempotency-keys).
    """

    def build_message_payload(self, message: EmailMessage, defaults: dict[str, Any]) -> Any:  # Any: anymail's own
        payload = super().build_message_payload(message, defaults)
        if key := getattr(message, "idempotency_key", ""):
            payload.headers["Idempotency-Key"] = key
        return payload

    def create_session(self) -> requests.Session:
        session: requests.Session = super().create_session()
        _bound(session, self.timeout)
        return session


class _BoundedAdapter(HTTPAdapter):
    """Reads no answer without end, in bytes or in time, and lets nobody lead a mail elsewhere."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        # Any above: requests' own options; the timeout among them is only that of each piece.
        deadline = time.monotonic() + self._seconds
        answer = super().send(request, *args, **{**options, "stream": True})
        try:
            content = b"".join(_pieces(answer, deadline))
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error, request=request) from error
        finally:
            answer.close()
        answer.raw = io.BytesIO(content)
        answer.headers.pop("Location", None)
        return answer


def _pieces(answer: requests.Response, deadline: float) -> Iterator[bytes]:
    received = 0
    while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):
        received += len(piece)
        if received > _MOST_ANSWER_BYTES:
            raise requests.ConnectionError("the answer has no end")
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the whole answer took too long")
        yield piece


def domains(*, url: str, key: str, seconds: float) -> requests.Response:
    """Ask which domains the account may send from; sends nothing and costs nothing. Raises RequestException."""
    with requests.Session() as session:
        _bound(session, seconds)
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        return session.get(f"{url.rstrip('/')}/domains", headers=headers, timeout=seconds)


def _bound(session: requests.Session, seconds: float) -> None:
    for scheme in ("https://", "http://"):
        session.mount(scheme, _BoundedAdapter(seconds))


def is_taken_already(error: Exception) -> bool:
    """Tell whether Resend refuses this try because an earlier one, in other words, has left."""
    return isinstance(error, AnymailAPIError) and _name(error) == "invalid_idempotent_request"


def judged(error: AnymailAPIError) -> NotSent:
    """Say what an answer means for the mail; `error` has a status."""
    status = error.status_code
    if status < HTTPStatus.MULTIPLE_CHOICES:
        # It was taken, as far as a status tells; what was said of it cannot be read.
        return NotSent("no_answer", is_doubtful=True)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NotSent("key_refused", is_doubtful=False)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _busy(error)
    if _name(error) == "concurrent_idempotent_requests":
        return NotSent("server_busy", is_doubtful=False)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and "`to`" in str(_told(error).get("message")):
        return Refused()
    # Also of trouble that came after Resend took the mail: the next try has the same key, and sends no second one.
    return NotSent("server_refused", is_doubtful=False)


def _busy(error: AnymailAPIError) -> NotSent:
    named = error.response.headers.get("Retry-After", "")
    if not named.isdecimal():
        return NotSent("server_busy", is_doubtful=False)
    wait = timedelta(seconds=min(int(named[:9]), _LONGEST_WAIT.total_seconds()))
    return Busy(timezone.now() + max(wait, _SHORTEST_WAIT))


def _name(error: AnymailAPIError) -> str:
    return str(_told(error).get("name", ""))


def _told(error: AnymailAPIError) -> dict[str, object]:
    try:
        told = error.response.json() if error.response is not None else None
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
