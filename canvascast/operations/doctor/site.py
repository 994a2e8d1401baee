"""What the site stands on: database, clock, shared cache, files, workers, the broker of hints, mail, payments."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.utils import timezone

from apps.billing.payments.health import payments_health
from apps.notifications.mail_health import mail_health
from canvascast import hint_queue
from canvascast.health.report import check_all
from canvascast.operations.backups.tools import tools_for
from canvascast.operations.backups.trouble import BackupTrouble
from canvascast.operations.doctor.findings import DATABASE_FIX, MIGRATE, Finding, trouble
from canvascast.operations.models import NightsWork, Work
from canvascast.operations.nights_dates import dates_of
from canvascast.patient_queue import BrokerAway

_FIXES = {
    "database": DATABASE_FIX,
    "migrations": MIGRATE,
    "storage": "Look at S3_BUCKET and its keys, or at the rights of the folder CANVASCAST_VAR.",
    "queue": "Start a worker: `manage.py worker`, or `manage.py run` for all in one.",
    "disk": "Make room: `manage.py prune`, or another CANVASCAST_VAR.",
}
# Leases and limits go by the database's clock; links, codes and Stripe's signatures by this machine's.
_MOST_SECONDS_APART = 2.0
_BROKER_SECONDS = 5.0
_BACKUP_OLD_AFTER = timedelta(hours=36)
_BACKUP_FIX = (
    "Let `manage.py backup` and `manage.py backup --verify` run every night (docs/production.md); by hand they say why "
    "they fail."
)


def readiness() -> list[Finding]:
    """Return what /ready asks, one finding each."""
    return [
        Finding(name, "ok", found.text)
        if found.ok
        else trouble(name, found.text.removeprefix("Unavailable: "), _FIXES[name])
        for name, found in check_all().items()
    ]


def server() -> Finding:
    """Tell which PostgreSQL it is, and whether it is the embedded one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), pg_is_in_recovery(), current_setting('server_encoding')"
        )
        number, is_copy, encoding = cursor.fetchone()
        host = cursor.connection.info.host
    if is_copy:
        fix = "DATABASE_URL names a copy that only reads: name the server that it copies."
        return trouble("postgresql", f"{number}, which takes no writes", fix)
    if encoding != "UTF8":
        fix = "Make another with `createdb --encoding UTF8 --template template0`: this one cannot keep every text."
        return trouble("postgresql", f"{number}, whose database keeps texts as {encoding}", fix)
    # The embedded one has its socket among its files.
    is_embedded = (Path(host) / "PG_VERSION").exists()
    return Finding("postgresql", "ok", f"{number}, {'embedded' if is_embedded else host or 'on this machine'}")


def clock() -> Finding:
    """Hold this machine's clock against the database's."""
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        after = time.time()
    apart = max(before - theirs, theirs - after, 0.0)
    if apart > _MOST_SECONDS_APART:
        fix = "Let chrony or systemd-timesyncd keep the time here and on the database's machine."
        return trouble("clock", f"{apart:.0f} s away from the database's", fix)
    return Finding("clock", "ok", f"within {max(apart, 0.1):.1f} s of the database's")


def cache() -> Finding:
    """Look whether all processes count limits in one place: what is written is there for another connection."""
    shared: BaseCache = caches["default"]
    if isinstance(shared, LocMemCache | DummyCache):
        fix = "Take CACHES out of your settings module: the program's own keeps limits in the database."
        return trouble("cache", "each process has its own, so limits count nothing", fix)
    key, word = f"doctor:{secrets.token_hex(8)}", secrets.token_hex(8)
    shared.set(key, word, 30)
    connection.close()
    found = shared.get(key)
    shared.delete(key)
    if found != word:
        fix = "See whether the database takes writes: has its disk room, and is it no copy that only reads?"
        return trouble("cache", "what is written is not there afterwards", fix)
    return Finding("cache", "ok", "shared by all processes")


def broker() -> Finding:
    """Ask what carries the hints to workers how many there are."""
    if settings.HINTS_COMMIT_WITH_ROWS:
        return Finding("broker", "ok", "PostgreSQL carries the hints")
    kind = urlsplit(settings.BROKER_URL).scheme
    try:
        found = hint_queue.counts_elsewhere(settings.QUEUES, within_seconds=_BROKER_SECONDS)
    except BrokerAway as error:
        fix = "Look at BROKER_URL and whether that server is up; until then hints go by PostgreSQL."
        return trouble("broker", f"{kind} does not answer ({error})", fix)
    return Finding("broker", "ok", f"{kind} answers, {sum(found.values())} hints wait")


def backups() -> Finding:
    with connection.cursor() as cursor:
        number = cursor.connection.info.server_version // 10_000
    try:
        tools = tools_for(number)
    except BackupTrouble as error:
        return trouble("backups", str(error), "Install it, so that `manage.py backup` can read this database.")
    made, proven = dates_of(Work.BACKUP), dates_of(Work.BACKUP_PROVEN)
    text = f"pg_dump {tools.major} reads this database; {_last_time('made', made)}, {_last_time('proven', proven)}"
    return _state_of_backups((made, proven), text)


def _last_time(verb: str, night: NightsWork) -> str:
    said = f"never {verb}"
    if night.done_at:
        said = f"last {verb} {(timezone.now() - night.done_at) // timedelta(hours=1)} hours ago"
    return f"{said} (the last try failed)" if night.has_failed else said


def _state_of_backups(nights: tuple[NightsWork, ...], text: str) -> Finding:
    """Nobody expects any on a developer's machine, nor where BACKUP_DAYS says that there are none."""
    are_expected = bool(settings.BACKUP_DAYS) and not settings.DEBUG
    oldest_allowed = timezone.now() - _BACKUP_OLD_AFTER
    is_one_old = any(night.is_missed_from <= oldest_allowed for night in nights)
    if any(night.has_failed for night in nights) or (are_expected and is_one_old):
        return trouble("backups", text, _BACKUP_FIX)
    if is_one_old or not all(night.done_at for night in nights):
        return Finding("backups", "not set", text, _BACKUP_FIX)
    return Finding("backups", "ok", text)


def tracker() -> Finding:
    if not settings.SENTRY_DSN:
        return Finding("tracker", "not set", "bugs stay in the log", "Set SENTRY_DSN.")
    return Finding("tracker", "ok", f"bugs are told, as of {settings.SENTRY_ENVIRONMENT}")


def operator() -> Finding:
    """Look whether the terms and privacy pages say who runs the site."""
    missing = [
        name for name in ("OPERATOR_NAME", "OPERATOR_ADDRESS", "OPERATOR_CONTACT") if not getattr(settings, name)
    ]
    if missing:
        text = "terms and privacy pages do not say who runs this site"
        return Finding("operator", "not set", text, f"Set {', '.join(missing)}.")
    return Finding("operator", "ok", settings.OPERATOR_NAME)


def mail() -> Finding:
    found = mail_health()
    return Finding("mail", found.state, found.text, found.fix)


def payments() -> Finding:
    found = payments_health()
    if not found.is_on:
        return Finding("payments", "not set", found.text, found.fix)
    if found.trouble:
        return trouble("payments", found.trouble, found.fix)
    return Finding("payments", "ok" if found.is_heard else "unchecked", found.text, found.fix)
