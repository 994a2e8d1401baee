"""The user's own reading in place of a voice: it is not spoken here but cut where the scenes change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import Token
from apps.pipeline.providers.echo.cutting import borders
from apps.pipeline.providers.echo.laying import Laid, lay
from apps.pipeline.providers.echo.likeness import MOST_UNLIKE, beginning, differs, most_unlike
from apps.pipeline.providers.echo.script import languages
from apps.pipeline.providers.speaker import espeak_library
from apps.pipeline.providers.speaker.base import Voice
from apps.pipeline.providers.usage import Usage
from apps.pipeline.render.wav import wav_samples

_LEAST_HEARD_SHARE = 0.6
"""Of the words: less is another text, or half of this one."""
_DOUBT = 0.03
"""A single scene this far above its bar is certainly not said; whoever times its words judges the others."""
_LONGEST_DETAIL = 300


@dataclass(frozen=True)
class CutRequest:
    """`audio` is a 48 kHz mono 16-bit WAV in which all scenes are read in order."""

    scenes: tuple[tuple[Token, ...], ...]
    audio: Path
    language: str


@dataclass(frozen=True)
class Cut:
    """`ends` has the moment, in seconds, at which each scene but the last one ends."""

    ends: tuple[float, ...]
    usage: Usage


class RecordingSpeaker:
    name = "recording"
    tells_word_times = False

    def __init__(self) -> None:
        self.identity = f"recording 1, {espeak_library.version()}"

    def voices(self) -> tuple[Voice, ...]:
        """Return one "voice" for each language in which a recording can be found its way through."""
        return tuple(
            Voice(tag, "Read it myself", tag, each.offered.script)
            for each in languages()
            if (tag := each.offered.language)
        )

    def cut(self, request: CutRequest) -> Cut:
        """Find where each scene ends.

        Raises Rejected("recording_differs") when too little of the script is heard, and "no_word_times" for a language
        that no embedded voice speaks.
        """
        samples = wav_samples(request.audio)[:, 0]
        laid = lay(request.scenes, samples, request.language)
        _require_alike(request.scenes, laid)
        return Cut(borders(laid.words, samples), Usage(self.identity))


def _require_alike(scenes: Sequence[Sequence[Token]], laid: Laid) -> None:
    counts = [len(tokens) for tokens in scenes]
    heard = sum(count for count, unlike in zip(counts, laid.unlikeness, strict=True) if unlike <= MOST_UNLIKE)
    share = heard / sum(counts)
    if share < _LEAST_HEARD_SHARE:
        raise differs(f"this script: {f'{share:.0%}' if share else 'none'} of it was heard", _detail(laid))
    for tokens, words, unlike in zip(scenes, laid.words, laid.unlikeness, strict=True):
        if unlike > most_unlike(words[-1].end - words[0].start) + _DOUBT:
            raise differs(f"this part of the script: {beginning(tokens)}", _detail(laid))


def _detail(laid: Laid) -> str:
    return f"unlikeness {[round(unlike, 2) for unlike in laid.unlikeness]}"[:_LONGEST_DETAIL]
