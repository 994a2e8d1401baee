"""Caption cues as SubRip and WebVTT text, written by pysubs2; every character of a word is shown as itself."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

import pysubs2

from apps.pipeline.contracts import CaptionCue

_HAIR_SPACE = "\u200a"
_MOMENT = re.compile(r"\d:\d{1,2}[.,](?=\d)")
_NUMBER_LINE = re.compile(r"[ ]*\d+[ ]*")


def to_srt(cues: Sequence[CaptionCue]) -> str:
    """Return the cues as SubRip.

    SubRip has no escapes and players take <b> or {\\an8} for commands: a hair space after the opening sign keeps it
    text. Readers that ignore white space find the words unchanged.
    """
    return str(_file(cues, _tamed).to_string("srt", keep_ssa_tags=True))


def to_vtt(cues: Sequence[CaptionCue]) -> str:
    """Return the cues as WebVTT; &, < and > are written as its character references."""
    return str(_file(cues, _escaped).to_string("vtt", keep_ssa_tags=True))


def shown_text(text: str, kind: str) -> str:
    """Return what a player shows of one parsed cue's `text`; `kind` is "srt" or "vtt"."""
    shown = text.replace(r"\N", "\n").replace(_HAIR_SPACE, "")
    return html.unescape(shown) if kind == "vtt" else shown


def _file(cues: Sequence[CaptionCue], line_text: Callable[[str], str]) -> pysubs2.SSAFile:
    subtitles = pysubs2.SSAFile()
    for cue in cues:
        text = r"\N".join(line_text(line) for line in cue.lines)
        subtitles.append(pysubs2.SSAEvent(start=_milliseconds(cue.start), end=_milliseconds(cue.end), text=text))
    return subtitles


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1_000 + 1e-6)  # down, so that the last cue stays inside the sound


def _tamed(line: str) -> str:
    for sign in "<{":
        line = line.replace(sign, sign + _HAIR_SPACE)
    return _plain(line.replace("-->", f"--{_HAIR_SPACE}>"))


def _escaped(line: str) -> str:
    return _plain(html.escape(line, quote=False))


def _plain(line: str) -> str:
    # Readers take two moments in a line, as "12:37.35" in WebVTT, for a cue's times, and a number alone at the end of
    # the last cue for that of the next; pysubs2 takes \n, \N and \h for white space.
    line = _MOMENT.sub(rf"\g<0>{_HAIR_SPACE}", line).replace("\\", "\\" + _HAIR_SPACE)
    return _HAIR_SPACE + line if _NUMBER_LINE.fullmatch(line) else line
