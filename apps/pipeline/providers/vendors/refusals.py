"""What a vendor's refusal means to us, by its HTTP status and its own word for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from apps.pipeline.providers.errors import PipelineError, RateLimited, Transient
from apps.pipeline.providers.vendors.wire import Redirected, UnusableAnswer

_LATER_STATUSES = frozenset({408, 409, 425})
_KEY_STATUSES = frozenset({401, 403})
# A busy service and an empty purse both answer 429; these are the vendors' words for the purse.
_PURSE_WORDS = frozenset({"insufficient_quota", "quota_exceeded", "billing_hard_limit_reached", "billing_not_active"})

_CODE = re.compile(r"[A-Za-z_]{1,60}")


@dataclass(frozen=True)
class Answer:
    """An answer that is no result: `word` is the vendor's own code for why."""

    vendor: str
    status: int
    word: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        # A gateway may put anything there, the key that it refuses too.
        word = self.word if _CODE.fullmatch(self.word) else ""
        return f"{self.vendor} HTTP {self.status} {word}".strip()


def refusal(answer: Answer, *, at: datetime | None = None) -> PipelineError:
    """Return the error for an answer that is no result; the vendor's text, which may repeat a prompt, stays out.

    Transient for a busy or broken service (RateLimited when it names the moment); plain PipelineError for what only
    an operator can mend: the key, the purse, the model's name, a request the vendor cannot read.
    """
    if answer.status == 402 or answer.word in _PURSE_WORDS:
        return PipelineError("vendor_purse_empty", str(answer))
    if answer.status in _KEY_STATUSES:
        return PipelineError("vendor_refuses_key", str(answer))
    if answer.status == 429 or answer.status in (503, 529):
        return _busy(answer, at or datetime.now(UTC))
    if answer.status >= 500 or answer.status in _LATER_STATUSES:
        return Transient("vendor_trouble", str(answer))
    return PipelineError("vendor_refuses_request", str(answer))


def broken_call(vendor: str, error: BaseException) -> PipelineError:
    """Return the error for a call without an answer, or with one nobody may read; SDKs wrap the true cause."""
    causes = tuple(_causes(error))
    detail = f"{vendor}: {' < '.join(type(cause).__name__ for cause in causes)}"
    if any(isinstance(cause, Redirected) for cause in causes):
        return PipelineError("vendor_redirects", detail)
    if any(isinstance(cause, UnusableAnswer) for cause in causes):
        return Transient("vendor_bad_answer", detail)
    return Transient("vendor_unreachable", detail)


def bad_answer(vendor: str, why: str) -> Transient:
    """Return the error for an answer that came whole and is not what was agreed."""
    return Transient("vendor_bad_answer", f"{vendor}: {why}"[:200])


def _busy(answer: Answer, at: datetime) -> PipelineError:
    after = _moment(answer.headers, at)
    return RateLimited("rate_limited", after, str(answer)) if after else Transient("rate_limited", str(answer))


def _moment(headers: Mapping[str, str], at: datetime) -> datetime | None:
    """Return when to come back, by Retry-After in seconds or as a date (RFC 9110, section 10.2.3)."""
    named = {name.lower(): text for name, text in headers.items()}.get("retry-after", "").strip()
    try:
        return at + timedelta(seconds=min(float(named), 86_400.0))
    except (ValueError, OverflowError):
        pass
    try:
        moment = parsedate_to_datetime(named)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _causes(error: BaseException) -> list[BaseException]:
    """Return the error and what caused it, outermost first; chains are short, a loop would be a bug of the SDK."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < 10:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain
