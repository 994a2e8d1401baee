"""Speakers: text to voice, a scene at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from apps.pipeline.contracts import Token, TokenTime
from apps.pipeline.providers.usage import Usage


@dataclass(frozen=True)
class SpeechRequest:
    """Say the tokens' `spoken` forms. `words_per_minute` already includes the pace and the user's speed."""

    tokens: tuple[Token, ...]
    voice_id: str
    language: str
    words_per_minute: int


@dataclass(frozen=True)
class Speech:
    """`pcm` is mono signed 16-bit little-endian at `sample_rate` Hz; `word_times` has every token, or is None."""

    pcm: bytes
    sample_rate: int
    word_times: tuple[TokenTime, ...] | None
    usage: Usage


@dataclass(frozen=True)
class Voice:
    """One offered voice: `language` is BCP 47, `script` ISO 15924 of its captions."""

    voice_id: str
    name: str
    language: str
    script: str


class Speaker(Protocol):
    """`tells_word_times`: whether its speech has them as a rule; what has none needs an aligner that listens."""

    name: str
    identity: str
    tells_word_times: bool

    def voices(self) -> tuple[Voice, ...]: ...

    def speak(self, request: SpeechRequest) -> Speech: ...
