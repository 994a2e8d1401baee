"""Refusals that a user or a program is told: a code, a sentence, and the HTTP status they travel with."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar


class Refused(Exception):
    """What was asked for cannot be done; `sentence` says why in the user's words, `details` in a program's."""

    code: ClassVar[str] = "CONFLICT"
    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT

    def __init__(self, sentence: str, details: Mapping[str, str | int] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = dict(details or {})


class Invalid(Refused):
    """One or more fields do not fit; `details` has a sentence per field."""

    code = "VALIDATION_ERROR"
    status = HTTPStatus.BAD_REQUEST


class NotFound(Refused):
    """There is no such thing, or it belongs to someone else: the answer is the same."""

    code = "NOT_FOUND"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__("There is nothing here under that name.")


class RateLimited(Refused):
    """Too many requests; `details` has `retryAfterSeconds`."""

    code = "RATE_LIMITED"
    status = HTTPStatus.TOO_MANY_REQUESTS


class Unavailable(Refused):
    """What this needs does not answer just now; `details` has `retryAfterSeconds`."""

    code = "UNAVAILABLE"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, {"retryAfterSeconds": 60})
