"""`manage.py doctor`: every vendor's state in one line, with what to do; nothing that it asks is paid for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.pipeline.providers import registry
from apps.pipeline.providers.vendors.account import Account, Timeouts
from canvascast.operations.backups import tools
from canvascast.operations.doctor import Finding, examine, site, vendors
from canvascast.operations.doctor.findings import run_all
from canvascast.operations.models import NightsWork, Work
from tests.wire import gemini_text, openai_text
from tests.wire.patience import PATIENT, QUICK
from tests.wire.server import SILENCE, WireServer, answer, as_json, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def openai() -> Iterator[WireServer]:
    server, _ = openai_text.openai_text()
    registry.use_accounts({"openai": openai_account(server)})
    yield server
    registry.use_accounts({})
    server.close()


def openai_account(server: WireServer, timeouts: Timeouts = PATIENT) -> Account:
    return Account("openai", openai_text.KEY, f"{server.url}/v1", {"text": "gpt-5-mini"}, timeouts)


def finding(name: str) -> Finding:
    looks = {"backups": site.backups, "tracker": site.tracker}
    found = [looks[name]()] if name in looks else run_all(vendors.checks())
    return next(each for each in found if each.name == name)


def test_vendor_that_answers_is_well(openai):
    assert finding("openai") == Finding("openai", "ok", "answers")
    assert openai.paid == []


def test_model_that_the_vendor_does_not_list_is_named(openai):
    account = openai_account(openai)
    registry.use_accounts({"openai": Account("openai", account.key, account.base_url, {"text": "gpt-0"}, PATIENT)})

    assert finding("openai").text == "answers; it does not list gpt-0"


def test_vendor_without_a_key_says_who_serves(openai):
    assert finding("elevenlabs") == Finding(
        "elevenlabs",
        "not set",
        "others speak, and nobody learns users' own voices",
        "Set ELEVENLABS_API_KEY.",
    )


@pytest.mark.parametrize(
    ("fault", "fix"),
    [
        (status(401, "invalid_api_key"), "Look at OPENAI_API_KEY: the vendor does not know this key, or it may not"),
        (status(429, "insufficient_quota"), "Fill up the account at the vendor; until then take OPENAI_API_KEY away"),
        (SILENCE, "Look at OPENAI_BASE_URL and whether this machine gets out."),
        (answer(b"", code=301, Location="http://127.0.0.1:1/"), "Look at OPENAI_BASE_URL: it answers with another"),
        (status(500), "Try again in a few minutes."),
    ],
)
def test_trouble_comes_with_what_to_do(openai, fault, fix):
    openai.fail(fault)
    registry.use_accounts({"openai": openai_account(openai, QUICK if fault is SILENCE else PATIENT)})

    found = finding("openai")

    assert found.state == "trouble"
    assert found.fix.startswith(fix)


def test_key_is_never_printed(openai):
    openai.fail(status(401, "invalid_api_key"))

    assert openai_text.KEY not in json.dumps([str(found) for found in examine()])


def test_gemini_is_asked_too():
    server, _ = gemini_text.gemini_text()
    registry.use_accounts({"gemini": Account("gemini", gemini_text.KEY, server.url, {}, PATIENT)})
    try:
        assert finding("gemini") == Finding("gemini", "ok", "answers")
    finally:
        registry.use_accounts({})
        server.close()


def test_elevenlabs_says_what_is_left():
    used = as_json({"tier": "creator", "character_count": 1200, "character_limit": 30000, "status": "active"})
    server = WireServer({("GET", r"/v1/user/subscription"): lambda call, found: used})
    registry.use_accounts({"elevenlabs": Account("elevenlabs", "k", server.url, {}, PATIENT)})
    try:
        assert finding("elevenlabs").text == "answers; 1,200 of 30,000 characters are used"
    finally:
        registry.use_accounts({})
        server.close()


def test_command_prints_a_line_each_and_fails_when_something_is_wrong(settings):
    printed = StringIO()

    with pytest.raises(CommandError) as raised:
        call_command("doctor", stdout=printed)

    lines = printed.getvalue()
    assert "✗ queue        No worker is alive for: steps, quick.\n    → Start a worker" in lines
    assert "✓ writer       sample\n" in lines
    assert "– gemini       others draw and write\n    → Set GEMINI_API_KEY." in lines
    assert raised.value.returncode == 1


def test_backups_need_a_pg_dump_that_reads_the_database(monkeypatch):
    assert re.match(r"pg_dump \d+ reads this database", finding("backups").text)

    monkeypatch.setattr(tools, "_folders", lambda: iter([]))

    assert finding("backups").state == "trouble"
    assert "install postgresql-client-" in finding("backups").text


@pytest.fixture
def programs(monkeypatch):
    """PostgreSQL's programs are there, and nobody starts them to ask for their version."""
    monkeypatch.setattr(site, "tools_for", lambda major: SimpleNamespace(major=major))


NEVER = None
FRESH, STALE = 30.1, 36.1


@pytest.mark.parametrize(
    ("made", "proven", "state", "told"),
    [
        (FRESH, FRESH, "ok", "last made 30 hours ago, last proven 30 hours ago"),
        (STALE, FRESH, "trouble", "last made 36 hours ago, last proven 30 hours ago"),
        (FRESH, STALE, "trouble", "last made 30 hours ago, last proven 36 hours ago"),
        (FRESH, NEVER, "not set", "last made 30 hours ago, never proven"),
        (NEVER, NEVER, "not set", "never made, never proven"),
    ],
)
@pytest.mark.usefixtures("programs")
def test_backup_that_was_not_made_or_not_proven_is_seen(
    made: float | None, proven: float | None, state: str, told: str
):
    note(Work.BACKUP, done=made)
    note(Work.BACKUP_PROVEN, done=proven)

    assert backups() == (state, told)


@pytest.mark.parametrize("work", [Work.BACKUP, Work.BACKUP_PROVEN])
@pytest.mark.parametrize(
    ("changed", "state"), [({}, "trouble"), ({"DEBUG": True}, "not set"), ({"BACKUP_DAYS": 0}, "not set")]
)
@pytest.mark.usefixtures("programs")
def test_backup_that_was_never_made_or_proven_is_missed_where_it_is_expected(
    settings, work: Work, changed: dict[str, object], state: str
):
    for other in (Work.BACKUP, Work.BACKUP_PROVEN):
        note(other, done=FRESH)
    note(work, done=NEVER, expected=STALE)
    for name, value in changed.items():
        setattr(settings, name, value)

    assert backups()[0] == state


@pytest.mark.parametrize(
    ("failed", "state", "told"),
    [
        (1.1, "trouble", "last made 30 hours ago, last proven 30 hours ago (the last try failed)"),
        (31.1, "ok", "last made 30 hours ago, last proven 30 hours ago"),
    ],
)
@pytest.mark.usefixtures("programs")
def test_proof_that_failed_last_is_trouble(failed: float, state: str, told: str):
    note(Work.BACKUP, done=FRESH)
    note(Work.BACKUP_PROVEN, done=FRESH, failed=failed)

    assert backups() == (state, told)


def note(work: Work, *, done: float | None, failed: float | None = None, expected: float = 0) -> None:
    """What happened so many hours ago."""
    dates = {"done_at": ago(done), "failed_at": ago(failed), "expected_since": ago(expected)}
    NightsWork.objects.update_or_create(name=work, defaults=dates)


def ago(hours: float | None) -> datetime | None:
    return None if hours is None else timezone.now() - timedelta(hours=hours)


def backups() -> tuple[str, str]:
    found = finding("backups")
    return found.state, found.text.partition("; ")[2]


def test_tracker_is_named_where_it_is_set(settings):
    assert finding("tracker").state == "not set"

    settings.SENTRY_DSN, settings.SENTRY_ENVIRONMENT = "https://key@tracker.example/1", "production"

    assert finding("tracker") == Finding("tracker", "ok", "bugs are told, as of production")


def test_command_prints_json():
    printed = StringIO()

    with pytest.raises(CommandError):
        call_command("doctor", json=True, stdout=printed)

    names = [found["name"] for found in json.loads(printed.getvalue())["findings"]]
    looked_at = {"python", "ffmpeg", "codecs", "fonts", "renderer", "whisper", "database", "migrations", "storage"}
    looked_at |= {"queue", "disk", "postgresql", "clock", "cache", "broker", "backups", "tracker", "mail", "payments"}
    assert looked_at | {"openai", "gemini", "elevenlabs", "moderator", "writer", "painter"} <= set(names)
    assert "film" not in names


@pytest.mark.slow  # renders
def test_deep_look_makes_a_second_of_film():
    printed = StringIO()

    with pytest.raises(CommandError):
        call_command("doctor", deep=True, stdout=printed)

    assert "✓ film         a second of film was made in " in printed.getvalue()
