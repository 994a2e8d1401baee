"""What a provider call consumed, returned with its result so that its cost can be recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from apps.pipeline.providers.errors import PipelineError


@dataclass(frozen=True)
class Usage:
    """`units` counts what the vendor bills (characters, tokens, pictures); cost in millionths of a US dollar."""

    model: str
    units: int = 0
    cost_micro_usd: int = 0


@contextmanager
def bought(usage: Usage) -> Iterator[None]:
    """Around what is made of an answer that is paid for: an error that comes of it has the usage too."""
    try:
        yield
    except PipelineError as error:
        error.usage = usage
        raise
