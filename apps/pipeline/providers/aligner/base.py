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
    """One time per token, in order, monotonic and inside the audio; `served_by` names the aligner.

    A time's confidence is how sure it is that the word was heard there, 0 to 1; 0 for one between its neighbours.
    """

    words: tuple[TokenTime, ...]
    usage: Usage
    served_by: str


class Aligner(Protocol):
    name: str
    identity: str

    def align(self, request: AlignRequest) -> Alignment: ...
