"""What the last check of the invariants found, kept where every process can read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

_KEY = "last_watch"


@dataclass(frozen=True)
class Watched:
    """How many findings there were, and how long ago that was."""

    findings: int
    age_seconds: float


def remember_watch(*, findings: int, at: datetime) -> None:
    """Keep the outcome of a check until the next."""
    cache.set(_KEY, (findings, at), timeout=None)


def last_watch() -> Watched | None:
    """Return the outcome of the newest check, or None when none is known. One query."""
    kept: tuple[int, datetime] | None = cache.get(_KEY)
    return Watched(kept[0], max(0.0, (timezone.now() - kept[1]).total_seconds())) if kept else None
