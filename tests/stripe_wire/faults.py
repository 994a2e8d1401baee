"""What may happen to a request instead of its answer. `has_effect` tells whether Stripe did the work first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tests.wire.server import Reply, as_json


@dataclass(frozen=True)
class Fault:
    kind: str
    status: int = 0
    seconds: float = 0.0
    has_effect: bool = False

    def after_effect(self) -> Fault:
        """The same, after the work was done: what idempotency keys are for."""
        return replace(self, has_effect=True)

    @property
    def reply(self) -> Reply:
        words = {
            400: ("parameter_invalid_empty", "You passed an empty string."),
            403: ("more_permissions_required", "The provided key does not have the required permissions."),
            409: ("lock_timeout", "The object is in use."),
            429: ("rate_limit", "Request rate limit exceeded."),
        }
        code, message = words.get(self.status, ("", "An unknown error occurred."))
        error = {"type": "invalid_request_error" if code else "api_error", "message": message}
        return as_json({"error": error | ({"code": code} if code else {})}, self.status)


REFUSED = Fault("answer", 400)
FORBIDDEN = Fault("answer", 403)
RATE_LIMITED = Fault("answer", 429)
LOCKED = Fault("answer", 409)
BROKEN = Fault("answer", 500)
UNAVAILABLE = Fault("answer", 503)
TIMEOUT = Fault("timeout", seconds=5.0)
"""Connected, asked, and no answer comes."""
RESET = Fault("reset")
"""The connection breaks."""


def slow(seconds: float) -> Fault:
    """The answer is right and late."""
    return Fault("slow", seconds=seconds, has_effect=True)


class Plan:
    """Faults in the order in which they were planned, each for one request that its path and method fit."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, re.Pattern[str], Fault]] = []

    def add(self, path: str, *faults: Fault, method: str = "") -> None:
        """`path` is a regular expression of the whole path."""
        self._waiting += [(method, re.compile(path), fault) for fault in faults]

    def take(self, method: str, path: str) -> Fault | None:
        for index, (wanted, pattern, fault) in enumerate(self._waiting):
            if wanted in ("", method) and pattern.fullmatch(path):
                del self._waiting[index]
                return fault
        return None
