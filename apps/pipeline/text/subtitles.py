"""A subtitle file pasted as a transcript."""

from __future__ import annotations

import re

import pysubs2

from apps.pipeline.text.tags import TAG

_SUBTITLES = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?[.,]\d{3}[ \t]+-->[ \t]+\d{1,2}:\d{2}|^\[Script Info\]", re.MULTILINE)
_SPOKEN_NUMBER = re.compile(r"(?<=\S\n)(?=[ \t]*\d+[ \t]*(?:\n(?!.*-->)|\Z))")
_UNSEEN_SPACE = "\u200a"
_PARAGRAPH_PAUSE_MS = 2_000
_MOMENT_MS = 100
_ENDINGS = tuple('.!?…。！？।؟"”')


def spoken_lines(text: str) -> str:
    """Return the lines of an SRT, WebVTT or ASS file without numbers, times and styles; any other text unchanged."""
    if not _SUBTITLES.search(text):
        return text
    try:
        subtitles = pysubs2.SSAFile.from_string(_kept_numbers(text.strip()) + "\n", keep_unknown_html_tags=True)
    except (pysubs2.Pysubs2Error, ValueError):
        return text
    return _joined(subtitles)


def _kept_numbers(text: str) -> str:
    """Mark numbers that are lines of a cue: the reader takes one before a blank line for that of the next cue."""
    return _SPOKEN_NUMBER.sub(_UNSEEN_SPACE, text)


def _joined(subtitles: pysubs2.SSAFile) -> str:
    text, end, seen = "", 0, ""
    for event in subtitles.events:
        for line in _new_lines(event, seen):
            pause = event.start - end >= _PARAGRAPH_PAUSE_MS and text.endswith(_ENDINGS)
            text += ("\n\n" if pause else "\n") + line
            seen, end = line, event.end
    return text.strip()


def _new_lines(event: pysubs2.SSAEvent, seen: str) -> list[str]:
    """Automatic captions roll: a cue repeats the line above its own, or for a moment nothing but that line.

    A whole cue that is said again is no such repeat.
    """
    lines = [line.strip() for line in TAG.sub("", event.plaintext).splitlines() if line.strip()]
    is_rolling = len(lines) > 1 or event.end - event.start <= _MOMENT_MS
    return lines[1:] if is_rolling and lines[:1] == [seen] else lines
