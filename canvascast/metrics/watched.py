"""What the last checks of the invariants found, kept where every process can read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.core.cache import cache
from django.utils import timezone

Check = Literal["lately", "everything"]
_KEYS: dict[Check, str] = {"lately": "last_watch", "everything": "last_watch_of_everything"}


@dataclass(frozen=True)
class Watched:
    """How many findings there were, and how long ago that was."""

    findings: int
    age_seconds: float


def remember_watch(*, findings: int, at: datetime, check: Check = "lately") -> None:
    """Keep the outcome of a check until the next of its kind."""
    cache.set(_KEYS[check], (findings, at), timeout=None)


def last_watches() -> dict[Check, Watched]:
    """Return the outcome of the newest check of each kind, as far as one is known. One query."""
    kept: dict[str, tuple[int, datetime]] = cache.get_many(_KEYS.values())
    now = timezone.now()
    return {
        check: Watched(kept[key][0], max(0.0, (now - kept[key][1]).total_seconds()))
        for check, key in _KEYS.items()
        if key in kept
    }
