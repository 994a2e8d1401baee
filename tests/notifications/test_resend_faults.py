"""The fault table of Resend: what becomes of one mail while its API misbehaves, over HTTP, and afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications import outbox
from apps.notifications.models import Event, Notification
from apps.notifications.sending import send
from tests.notifications.conftest import note
from tests.notifications.test_sending import fate, make_due
from tests.wire.resend import KEY, ResendServer, said
from tests.wire.server import CUT, DRIP, RESET, SHORT, SILENCE, Fault, answer

pytestmark = [pytest.mark.django_db, pytest.mark.goal("R13")]

BAD_ADDRESS = "Invalid `to` field. The email address needs to follow the `email@example.com` format."
BAD_SENDER = "Invalid `from` field. The email address needs to follow the `email@example.com` format."


@dataclass(frozen=True)
class Cell:
    """What the first call meets, how the mail stands after it, and whether a reader may have it by then."""

    fault: Fault
    stands: tuple[str, str, int, int]
    left: int = 0


BUSY = ("QUEUED", "server_busy", 1, 0)
AGAIN = ("QUEUED", "server_refused", 1, 0)
DOUBT = ("QUEUED", "no_answer", 1, 1)
TABLE: dict[str, Cell] = {
    "429 and when": Cell(said(429, "rate_limit_exceeded", Retry_After="7"), ("QUEUED", "server_busy", 0, 0)),
    "429": Cell(said(429, "daily_quota_exceeded"), BUSY),
    "500": Cell(said(500, "application_error"), AGAIN),
    "502, a page": Cell(answer(b"<html>Bad gateway</html>", "text/html", 502), AGAIN),
    "401": Cell(said(401, "missing_api_key"), ("QUEUED", "key_refused", 1, 0)),
    "403": Cell(said(403, "invalid_api_key"), ("QUEUED", "key_refused", 1, 0)),
    "422, the address": Cell(said(422, "validation_error", BAD_ADDRESS), ("GIVEN_UP", "address_refused", 1, 0)),
    "422, the sender": Cell(said(422, "validation_error", BAD_SENDER), AGAIN),
    "404": Cell(said(404, "not_found"), AGAIN),
    "409, still at it": Cell(said(409, "concurrent_idempotent_requests"), BUSY),
    "redirect": Cell(answer(b"", code=307, Location="http://127.0.0.1:9/"), AGAIN),
    "cut in the question": Cell(CUT, DOUBT),
    "reset in the answer": Cell(RESET, DOUBT, left=1),
    "cut short": Cell(SHORT, DOUBT, left=1),
    "silence": Cell(SILENCE, DOUBT, left=1),
    "drip": Cell(DRIP, DOUBT, left=1),
    "invalid JSON": Cell(answer(b'{"id": '), DOUBT),
    "nothing": Cell(answer(b""), DOUBT),
    "null": Cell(answer(b"null"), DOUBT),
    "another shape": Cell(answer(b'{"object": "email"}'), DOUBT),
    "a page": Cell(answer(b"<html>Welcome</html>", "text/html"), DOUBT),
    "no gzip": Cell(answer(b"no gzip", Content_Encoding="gzip"), DOUBT),
    "oversized": Cell(answer(b" " * 1_000_000), DOUBT),
}
QUICK = ("429 and when", "500", "422, the address", "reset in the answer", "invalid JSON")
CELLS = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in TABLE]


@pytest.fixture
def resend(settings) -> Iterator[ResendServer]:
    server = ResendServer()
    settings.EMAIL_BACKEND = "apps.notifications.resend.EmailBackend"
    settings.ANYMAIL = {"RESEND_API_KEY": KEY, "RESEND_API_URL": server.url, "REQUESTS_TIMEOUT": 1}
    yield server
    server.close()


@pytest.mark.parametrize("name", CELLS)
def test_mail_stands_as_the_table_declares_and_then_leaves_once(user, resend: ResendServer, name: str):
    cell, fact = TABLE[name], note(user)
    resend.fail(cell.fault)
    began = time.monotonic()

    send(fact.pk)

    assert (fate(fact), len(resend.mails), len(resend.calls)) == (cell.stands, cell.left, 1)
    assert time.monotonic() - began < 4
    make_due(fact)
    send(fact.pk)
    is_over = cell.stands[0] == "GIVEN_UP"
    assert (fate(fact)[0], len(resend.mails)) == (("GIVEN_UP", 0) if is_over else ("SENT", 1))
    assert [mail["headers"].get("X-CanvasCast-Repeat") for mail in resend.mails] == (
        [] if is_over else ["maybe" if cell.stands == DOUBT and not cell.left else None]
    )


@pytest.mark.parametrize(("named", "seconds"), [("7", 7), ("999999999999", 6 * 3600), ("0", 1)])
def test_moment_that_resend_names_is_kept_and_uses_up_no_try(user, resend: ResendServer, named: str, seconds: int):
    fact = note(user)
    resend.fail(*[said(429, "rate_limit_exceeded", Retry_After=named)] * 12)

    for _ in range(12):
        make_due(fact)
        send(fact.pk)

    assert fate(fact) == ("QUEUED", "server_busy", 0, 0)
    wait = fact.due_at - timezone.now()
    assert timedelta(seconds=seconds - 2) < wait <= timedelta(seconds=seconds)


def test_nobody_waits_for_named_moments_for_ever(user, resend: ResendServer):
    fact = note(user, Event.PURCHASE_RECEIPT)
    Notification.objects.update(created_at=timezone.now() - outbox.TOLD_WITHIN - timedelta(minutes=1))
    resend.fail(*[said(429, "rate_limit_exceeded", Retry_After="7")] * 20)

    for _ in range(outbox.MOST_TRIES + 2):
        send(fact.pk)
        make_due(fact)

    assert (fate(fact), len(resend.calls)) == (("GIVEN_UP", "server_busy", 8, 0), 8)


def test_key_that_is_refused_for_an_hour_delays_a_mail_and_loses_none(user, resend: ResendServer):
    fact = note(user)
    resend.fail(*[said(401, "restricted_api_key")] * 4)

    for _ in range(5):
        send(fact.pk)
        make_due(fact)

    assert (fate(fact), len(resend.mails)) == (("SENT", "", 5, 0), 1)


@pytest.mark.slow  # two answers that do not come
def test_mail_whose_answers_never_come_has_left_once(user, resend: ResendServer):
    fact = note(user)
    resend.fail(SILENCE, SILENCE)

    for _ in range(4):
        send(fact.pk)
        make_due(fact)

    assert (fate(fact), len(resend.calls), len(resend.mails)) == (("GIVEN_UP", "no_answer", 2, 2), 2, 1)


def test_resend_that_is_not_there_is_unreachable(user, resend: ResendServer, settings):
    fact = note(user)
    settings.ANYMAIL |= {"RESEND_API_URL": "http://127.0.0.1:9/"}

    send(fact.pk)

    assert fate(fact) == ("QUEUED", "unreachable", 1, 0)
