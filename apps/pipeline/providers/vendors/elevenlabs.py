"""ElevenLabs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from apps.pipeline.providers.errors import PipelineError, Rejected
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.refusals import Answer, bad_answer, broken_call, refusal
from apps.pipeline.providers.vendors.wire import UnusableAnswer, http_client

if TYPE_CHECKING:
    from elevenlabs.client import ElevenLabs
    from elevenlabs.core.api_error import ApiError
    from elevenlabs.core.request_options import RequestOptions

ONE_TRY: RequestOptions = {"max_retries": 0}
"""For every call: the SDK retries twice by itself otherwise, and paid calls are counted and repeated by us alone."""
_BUSY_WORDS = frozenset({"too_many_concurrent_requests", "system_busy", "rate_limit_exceeded"})


class ElevenLabsService:
    """Base of what ElevenLabs does for us: an SDK client without retries of its own, made at the first call."""

    name = "elevenlabs"
    account_name = "elevenlabs"
    is_remote = True

    def __init__(self, account: Account) -> None:
        self.account = account

    @cached_property
    def client(self) -> ElevenLabs:
        # A process that calls nobody need not load the SDK.
        import httpx
        from elevenlabs.client import ElevenLabs

        timeouts = self.account.timeouts
        return ElevenLabs(
            api_key=self.account.key,
            base_url=self.account.base_url,
            httpx_client=http_client(httpx, timeouts),
            # The SDK hands this on with every request, in place of the client's own; unset it is 240 s.
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),  # type: ignore[arg-type]  # httpx takes it
        )

    def reach(self) -> str:
        """Ask for nothing that costs and return what is left, for an operator. Raises PipelineError."""
        with elevenlabs_answers():
            account = self.client.user.subscription.get()
            used, most = account.character_count, account.character_limit
        return f"answers; {used:,} of {most:,} characters are used"


@contextmanager
def elevenlabs_answers(refused: dict[str, Rejected] | None = None) -> Iterator[None]:
    """Turn the SDK's errors into ours; `refused` has what is raised for a word of the vendor's."""
    import httpx
    from elevenlabs.core.api_error import ApiError

    try:
        yield
    except ApiError as error:
        raise _refusal(error, refused or {}) from error
    except (httpx.HTTPError, UnusableAnswer) as error:
        raise broken_call("elevenlabs", error) from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise bad_answer("elevenlabs", type(error).__name__) from error


def _refusal(error: ApiError, refused: dict[str, Rejected]) -> PipelineError:
    word = _word(error.body)
    status = error.status_code or 500
    if status < 300:
        return bad_answer("elevenlabs", "not of the agreed shape")
    if word in refused:
        return refused[word]
    if word in _BUSY_WORDS:
        status = 429
    return refusal(Answer("elevenlabs", status, word, error.headers or {}))


def _word(body: object) -> str:
    """Return the vendor's code: {"detail": {"status": "…"}}; older answers have a plain text there."""
    detail = body.get("detail") if isinstance(body, dict) else None
    word = (detail.get("code") or detail.get("status")) if isinstance(detail, dict) else detail
    return str(word or "")[:60]
