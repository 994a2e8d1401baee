"""Is everything here that making videos needs, who serves what, and what to do about whatever is not?"""

from __future__ import annotations

from canvascast.operations.doctor import machine, site, vendors
from canvascast.operations.doctor.findings import DATABASE_FIX, Check, Finding, run_all

__all__ = ["Finding", "examine"]

# The first film on a machine without the native kernel has it compile its own.
_FILM_SECONDS = 120.0
_RUN_AGAIN = "Try again when this machine has less to do."


def examine(*, deep: bool = False) -> list[Finding]:
    """Look at everything, all at once; nothing that is asked of vendors costs anything. `deep` makes a film, too."""
    checks = [
        Check("python", machine.packages, _RUN_AGAIN),
        Check("ffmpeg", machine.ffmpeg, _RUN_AGAIN),
        Check("codecs", machine.codecs_we_use, _RUN_AGAIN),
        Check("fonts", machine.glyphs, _RUN_AGAIN),
        Check("renderer", machine.renderer, _RUN_AGAIN),
        Check("whisper", machine.whisper, _RUN_AGAIN),
        Check("database", site.readiness, DATABASE_FIX),
        Check("postgresql", site.server, DATABASE_FIX),
        Check("clock", site.clock, DATABASE_FIX),
        Check("cache", site.cache, DATABASE_FIX),
        Check("broker", site.broker, "Look at BROKER_URL and whether that server is up."),
        Check("backups", site.backups, DATABASE_FIX),
        Check("tracker", site.tracker),
        Check("operator", site.operator),
        Check("mail", site.mail, "Look at EMAIL_URL or RESEND_API_URL and whether this machine gets out."),
        Check("payments", site.payments, "Look at STRIPE_API_HOST and whether this machine gets out."),
        *vendors.checks(),
        Check("serving", vendors.serving),
        *([Check("film", machine.film, _RUN_AGAIN, _FILM_SECONDS)] if deep else []),
    ]
    return run_all(checks)
