"""A subtitle file pasted as a transcript."""

from __future__ import annotations

import re

import pysubs2

_SUBTITLES = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?[.,]\d{3}[ \t]+-->[ \t]+\d{1,2}:\d{2}|^\[Script Info\]", re.MULTILINE)
_PARAGRAPH_PAUSE_MS = 2_000
_ENDINGS = tuple('.!?…。！？।؟"”')


def spoken_lines(text: str) -> str:
    """Return the lines of an SRT, WebVTT or ASS file without numbers, times and styles; any other text unchanged."""
    if not _SUBTITLES.search(text):
        return text
    try:
        subtitles = pysubs2.SSAFile.from_string(text.strip() + "\n")
    except (pysubs2.Pysubs2Error, ValueError):
        return text
    return _joined(subtitles)


def _joined(subtitles: pysubs2.SSAFile) -> str:
    text, end, seen = "", 0, ""
    for event in subtitles.events:
        for line in event.plaintext.splitlines():
            # Automatic captions roll: each cue repeats the line above its own.
            if not line.strip() or line.strip() == seen:
                continue
            pause = event.start - end >= _PARAGRAPH_PAUSE_MS and text.endswith(_ENDINGS)
            text += ("\n\n" if pause else "\n") + line.strip()
            seen, end = line.strip(), event.end
    return text.strip()
