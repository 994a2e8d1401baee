"""Aligners: when each known word is heard. They time the script's words and never replace them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from apps.pipeline.contracts import Token, TokenTime
from apps.pipeline.providers.usage import Usage


@dataclass(frozen=True)
class AlignRequest:
    """`audio` is a 48 kHz mono 16-bit WAV of one scene; `hints` are the speaker's own times where it gave them."""

    tokens: tuple[Token, ...]
    audio: Path
    language: str
    hints: tuple[TokenTime, ...] | None


@dataclass(frozen=True)
class Alignment:
    """One time per token, in order, monotonic and inside the audio."""

    words: tuple[TokenTime, ...]
    usage: Usage


class Aligner(Protocol):
    name: str
    identity: str

    def align(self, request: AlignRequest) -> Alignment: ...
