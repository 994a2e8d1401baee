"""Is everything here that making videos needs, who serves what, and what to do about whatever is not?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.utils import timezone

from apps.billing.payments.health import payments_health
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import PipelineError
from apps.pipeline.render import fonts
from apps.pipeline.render.ffmpeg import ffmpeg_version
from canvascast.health.report import check_all
from canvascast.mail import mail_goes_to
from canvascast.operations.backups.tools import tools_for
from canvascast.operations.backups.trouble import BackupTrouble
from canvascast.operations.models import Work
from canvascast.operations.nights_dates import last_done

State = Literal["ok", "not set", "trouble"]
_BACKUP_OLD_HOURS = 36
_FIXES = {
    "database": "Start PostgreSQL and look at DATABASE_URL; in development `manage.py run` starts one.",
    "migrations": "Run `manage.py migrate`.",
    "storage": "Look at S3_BUCKET and its keys, or at the rights of the folder CANVASCAST_VAR.",
    "queue": "Start a worker: `manage.py worker`, or `manage.py run` for all in one.",
    "disk": "Make room: `manage.py prune`, or another CANVASCAST_VAR.",
}
_INSTEAD = {
    "openai": "others write, speak, draw and judge texts",
    "gemini": "others draw and write",
    "elevenlabs": "others speak, and nobody learns users' own voices",
}
_VENDOR_FIXES = {
    "vendor_refuses_key": "Look at {variable}: the vendor does not know this key, or it may not do this.",
    "vendor_purse_empty": "Fill up the account at the vendor; until then take {variable} away and others serve.",
    "vendor_unreachable": "Look at {address} and whether this machine gets out.",
    "vendor_redirects": "Look at {address}: it answers with another address.",
}
# The alphabets of the voices there are, with the packages that show them; the others come with the program.
_SCRIPTS = {
    "Deva": "fonts-noto-core and libfribidi0",
    "Arab": "fonts-noto-core and libfribidi0",
    "Hans": "fonts-noto-cjk",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `fix` says what to do when its state is not ok."""

    name: str
    state: State
    text: str
    fix: str = ""


def examine() -> list[Finding]:
    """Look at everything, vendors side by side; nothing that is asked of them costs anything."""
    here = [*_site(), _backups(), _tracker(), _ffmpeg(), _fonts()]
    return [*here, *_mail(), _payments(), *_vendors(), *_serving()]


def _site() -> list[Finding]:
    return [
        Finding(
            name,
            "ok" if found.ok else "trouble",
            found.text.removeprefix("Unavailable: "),
            "" if found.ok else _FIXES[name],
        )
        for name, found in check_all().items()
    ]


def _backups() -> Finding:
    try:
        with connection.cursor() as cursor:
            tools = tools_for(cursor.connection.info.server_version // 10_000)
        return _last_backup(f"pg_dump {tools.major} reads this database")
    except BackupTrouble as error:
        return Finding(
            "backups", "trouble", str(error), "Install it, so that `manage.py backup` can read this database."
        )
    except DatabaseTrouble:
        return Finding("backups", "trouble", "the database does not answer as it should", _FIXES["database"])


def _last_backup(tools: str) -> Finding:
    done_at = last_done(Work.BACKUP)
    if done_at is None:
        fix = "Let `manage.py backup` run every night (docs/production.md)."
        return Finding("backups", "not set", f"{tools}; none was made yet", fix)
    hours = (timezone.now() - done_at) // timedelta(hours=1)
    text = f"{tools}; the last one was made {hours} hours ago"
    if hours >= _BACKUP_OLD_HOURS:
        return Finding("backups", "trouble", text, "Run `manage.py backup` and see why it does not run every night.")
    return Finding("backups", "ok", text)


def _tracker() -> Finding:
    if not settings.SENTRY_DSN:
        return Finding("tracker", "not set", "bugs stay in the log", "Set SENTRY_DSN.")
    return Finding("tracker", "ok", f"bugs are told, as of {settings.SENTRY_ENVIRONMENT}")


def _ffmpeg() -> Finding:
    try:
        return Finding("ffmpeg", "ok", ffmpeg_version())
    except (OSError, RuntimeError) as error:
        return Finding("ffmpeg", "trouble", type(error).__name__, "Install the requirements again: `make install`.")


def _fonts() -> Finding:
    missing = {script: packages for script, packages in _SCRIPTS.items() if not fonts.can_show(script)}
    if not missing:
        return Finding("fonts", "ok", "captions in every script there are voices for")
    packages = ", ".join(sorted(set(missing.values())))
    return Finding("fonts", "not set", f"no captions in {', '.join(missing)}", f"Install {packages}.")


def _mail() -> list[Finding]:
    backend = mail_goes_to()
    if backend in ("console", "filebased"):
        return [Finding("mail", "not set", "mail stays on this machine", "Set RESEND_API_KEY or EMAIL_URL.")]
    return [Finding("mail", "ok", backend)]


def _payments() -> Finding:
    found = payments_health()
    if not found.is_on:
        return Finding("payments", "not set", found.text, found.fix)
    return Finding("payments", "trouble" if found.trouble else "ok", found.trouble or found.text, found.fix)


def _vendors() -> list[Finding]:
    services = registry.services()
    with ThreadPoolExecutor(max_workers=len(services)) as threads:
        asked = {name: threads.submit(service.reach) for name, service in services.items() if service}
    return [_vendor(name, asked[name].result) if name in asked else _no_vendor(name) for name in services]


def _no_vendor(name: str) -> Finding:
    return Finding(name, "not set", _INSTEAD[name], f"Set {name.upper()}_API_KEY.")


def _vendor(name: str, result: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", result())
    except PipelineError as error:
        advice = _VENDOR_FIXES.get(error.code, "Try again in a few minutes.")
        fix = advice.format(variable=f"{name.upper()}_API_KEY", address=f"{name.upper()}_BASE_URL")
        return Finding(name, "trouble", str(error), fix)


def _serving() -> list[Finding]:
    """Tell who does what now, and who comes next where there is more than one."""
    orders = {
        "moderator": [settings.PROVIDERS["moderator"]],
        "writer": [settings.PROVIDERS["writer"]],
        "speakers": settings.SPEAKERS,
        "aligners": settings.ALIGNERS,
        "painter": [settings.PROVIDERS["painter"]],
    }
    return [Finding(name, "ok", " then ".join(order)) for name, order in orders.items()]
