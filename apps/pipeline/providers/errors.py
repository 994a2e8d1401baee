"""How work can fail. Providers and steps raise these; the runner alone decides what happens then."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.pipeline.providers.usage import Usage


class PipelineError(Exception):
    """Work that did not succeed. `code` is stable and machine-readable; `usage` is what was paid for all the same."""

    usage: Usage | None = None

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


class Transient(PipelineError):
    """Trying again may help: a lost connection, a busy service, a full disk."""


class RateLimited(Transient):
    """The service named the moment to come back; waiting for it does not count as an attempt."""

    def __init__(self, code: str, after: datetime, detail: str = "") -> None:
        super().__init__(code, detail)
        self.after = after


class Rejected(PipelineError):
    """Trying again cannot help. `sentence` is shown to the customer: what happened and what to do."""

    def __init__(self, code: str, sentence: str, detail: str = "") -> None:
        super().__init__(code, detail or sentence)
        self.sentence = sentence
