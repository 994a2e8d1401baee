"""Gemini, as the Developer API serves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.refusals import Answer, bad_answer, broken_call, refusal
from apps.pipeline.providers.vendors.wire import UnusableAnswer, http_client

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateContentResponse

# Why an answer may end before it has what was asked for; by FinishReason and BlockedReason of the API.
_REFUSED_ENDS = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"}
    | {"IMAGE_RECITATION", "MODEL_ARMOR", "JAILBREAK"}
)


class GeminiService:
    """Base of what Gemini does for us: an SDK client without retries of its own, made at the first call."""

    name = "gemini"
    account_name = "gemini"
    is_remote = True

    def __init__(self, account: Account) -> None:
        self.account = account

    @cached_property
    def client(self) -> Client:
        # A process that calls nobody need not load the SDK.
        import httpx2
        from google.genai import Client
        from google.genai.types import HttpOptions, HttpRetryOptions

        return Client(
            api_key=self.account.key,
            vertexai=False,
            http_options=HttpOptions(
                base_url=self.account.base_url,
                retry_options=HttpRetryOptions(attempts=1),
                httpx_client=http_client(httpx2, self.account.timeouts),
            ),
        )

    def reach(self) -> str:
        """Ask for nothing that costs and return what came of it, for an operator. Raises PipelineError."""
        with gemini_answers():
            for _ in self.client.models.list(config={"page_size": 1}):
                break
        return "answers"


@contextmanager
def gemini_answers() -> Iterator[None]:
    """Turn the SDK's errors into ours."""
    import httpx2
    from google.genai import errors

    try:
        yield
    except errors.APIError as error:
        headers = getattr(error.response, "headers", None) or {}
        if error.code == 400 and "API key" in (error.message or ""):
            raise refusal(Answer("gemini", 401, "API_KEY_INVALID")) from error
        raise refusal(Answer("gemini", error.code or 500, error.status or "", dict(headers))) from error
    except (httpx2.HTTPError, UnusableAnswer) as error:
        raise broken_call("gemini", error) from error
    except (errors.UnknownApiResponseError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise bad_answer("gemini", type(error).__name__) from error


def require_allowed(answer: GenerateContentResponse, refused: Rejected) -> None:
    """Raise `refused` for an answer that was withheld because of what it would have shown or said."""
    blocked = answer.prompt_feedback.block_reason if answer.prompt_feedback else None
    ends = {candidate.finish_reason for candidate in answer.candidates or () if candidate.finish_reason}
    if blocked or any(end.name in _REFUSED_ENDS for end in ends):
        raise refused
