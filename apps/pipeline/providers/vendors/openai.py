"""OpenAI, and every server that speaks its wire format at another address."""

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
    from openai import APIStatusError, OpenAI

# The vendor's words for a text or a picture that it will not make.
_CONTENT_WORDS = frozenset({"content_policy_violation", "content_filter", "moderation_blocked", "safety_violations"})
# A server of one's own may want no key; the SDK wants something.
_NO_KEY = "none"


class OpenAIService:
    """Base of what OpenAI does for us: an SDK client without retries of its own, made at the first call."""

    name = "openai"
    account_name = "openai"
    is_remote = True

    def __init__(self, account: Account) -> None:
        self.account = account

    @cached_property
    def client(self) -> OpenAI:
        # A process that calls nobody need not load the SDK.
        import httpx2
        from openai import OpenAI

        return OpenAI(
            api_key=self.account.key or _NO_KEY,
            base_url=self.account.base_url,
            max_retries=0,
            http_client=http_client(httpx2, self.account.timeouts),
        )


@contextmanager
def openai_answers(refused: Rejected | None = None) -> Iterator[None]:
    """Turn the SDK's errors into ours; `refused` is raised when the vendor will not make such content."""
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        raise _refusal(error, refused) from error
    except openai.APIResponseValidationError as error:
        raise bad_answer("openai", "not of the agreed shape") from error
    except (openai.APIConnectionError, UnusableAnswer) as error:
        raise broken_call("openai", error) from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        # HTTP 200 with something else than the JSON that was agreed: the SDK does not check.
        raise bad_answer("openai", type(error).__name__) from error


def _refusal(error: APIStatusError, refused: Rejected | None) -> PipelineError:
    words = {str(error.code or ""), str(error.type or "")}
    if refused is not None and words & _CONTENT_WORDS:
        return refused
    return refusal(Answer("openai", error.status_code, error.code or error.type or "", error.response.headers))
