"""What Stripe says instead of an answer."""

from __future__ import annotations

from typing import Any

from tests.wire.server import Reply, as_json

_DOCUMENTATION = "https://stripe.com/docs/error-codes"


class Refusal(Exception):
    """An error answer. `is_kept` tells whether an idempotency key remembers it: Stripe forgets malformed requests."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
        is_kept: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        self.error: dict[str, Any] = {"type": kind, "message": message, **more}
        if code:
            self.error |= {"code": code, "doc_url": f"{_DOCUMENTATION}/{code.replace('_', '-')}"}
        if param:
            self.error["param"] = param

    def reply(self) -> Reply:
        return as_json({"error": self.error}, self.status)


def missing(kind: str, id_: str, param: str = "id") -> Refusal:
    return Refusal(f"No such {kind}: '{id_}'", code="resource_missing", param=param, status=404)


def malformed(message: str, *, code: str | None = None, param: str | None = None) -> Refusal:
    return Refusal(message, code=code, param=param, is_kept=False)


def not_here(what: str) -> Refusal:
    """Stripe takes it and this server does not: said aloud, so that no test passes on something ignored."""
    return Refusal(f"The local Stripe does not know {what}", code="not_in_the_local_stripe", is_kept=False)
