"""The state of the site in three words for everybody, looked up at most once in ten seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from canvascast.health.report import check_all

_PARTS: Mapping[str, tuple[str, ...]] = {
    "Website": ("database", "migrations"),
    "Making videos": ("queue",),
    "Storage": ("storage", "disk"),
}
_FRESH_SECONDS = 10.0


@dataclass(frozen=True)
class Part:
    """One part of the site as a customer would name it."""

    name: str
    works: bool


class Summary:
    """What the checks found, kept for ten seconds so that any number of readers costs one look."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._parts: tuple[Part, ...] = ()
        self._stale_at = 0.0

    def parts(self) -> tuple[Part, ...]:
        """Return every part; takes as long as the checks do, five seconds at most, once in ten."""
        with self._one_at_a_time:
            if time.monotonic() >= self._stale_at:
                self._parts = _look()
                self._stale_at = time.monotonic() + _FRESH_SECONDS
            return self._parts

    def forget(self) -> None:
        """Make the next call look again."""
        self._stale_at = 0.0


SUMMARY = Summary()


def _look() -> tuple[Part, ...]:
    findings = check_all()
    return tuple(Part(name, all(findings[check].ok for check in checks)) for name, checks in _PARTS.items())
