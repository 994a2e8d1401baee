"""The spoken script laid on a recording: when each word of it is heard there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.pipeline.contracts import SAMPLE_RATE, Token, TokenTime
from apps.pipeline.providers.echo.likeness import unlikeness
from apps.pipeline.providers.echo.script import (
    HOP_SECONDS,
    LONGEST_KEPT_PAUSE_SECONDS,
    SpokenScript,
    heard_spectra,
    spoken_scripts,
)
from apps.pipeline.providers.echo.spectra import Spectra
from apps.pipeline.providers.echo.warping import Warp, warp
from apps.pipeline.render.energy import Mono, pauses_in_room

_SHORTEST_SECONDS = 0.2


@dataclass(frozen=True)
class Laid:
    """Each scene's words as they are heard in the recording, in seconds, and how unlike the two sound there."""

    words: tuple[tuple[TokenTime, ...], ...]
    unlikeness: tuple[float, ...]


def lay(scenes: Sequence[Sequence[Token]], samples: Mono, language: str, hop_seconds: float = HOP_SECONDS) -> Laid:
    """Find the scenes' words in a 48 kHz recording of them.

    Raises Rejected("no_word_times") for a language that no embedded voice speaks.
    """
    pauses = pauses_in_room(samples, LONGEST_KEPT_PAUSE_SECONDS)
    seconds = len(samples) / SAMPLE_RATE - sum(end - start for start, end in pauses)
    heard = heard_spectra(samples, hop_seconds)
    tried = [_laid_by(script, heard, hop_seconds) for script in spoken_scripts(scenes, language, seconds)]
    script, spoken, laid = min(tried, key=lambda each: each[2].cost)
    words = tuple(tuple(_carried(time, spoken, heard, laid) for time in scene) for scene in script.times)
    if hop_seconds != HOP_SECONDS:
        spoken, heard = script.spectra(), heard_spectra(samples)
    return Laid(words, tuple(_unlike(*pair, spoken, heard) for pair in zip(script.times, words, strict=True)))


def _laid_by(script: SpokenScript, heard: Spectra, hop_seconds: float) -> tuple[SpokenScript, Spectra, Warp]:
    spoken = script.spectra(hop_seconds)
    return script, spoken, warp(spoken.vectors, heard.vectors)


def _carried(time: TokenTime, spoken: Spectra, heard: Spectra, laid: Warp) -> TokenTime:
    start, end = (_moment(moment, spoken, heard, laid) for moment in (time.start, time.end))
    return TokenTime(time.index, start, max(end, start))


def _moment(moment: float, spoken: Spectra, heard: Spectra, laid: Warp) -> float:
    return float(heard.seconds[int(laid.middle(spoken.frame_at(moment)))])


def _unlike(said: Sequence[TokenTime], found: Sequence[TokenTime], spoken: Spectra, heard: Spectra) -> float:
    if found[-1].end - found[0].start < _SHORTEST_SECONDS:
        return 1.0
    one = spoken.between(said[0].start, said[-1].end)
    return unlikeness(one.vectors, heard.between(found[0].start, found[-1].end).vectors)
