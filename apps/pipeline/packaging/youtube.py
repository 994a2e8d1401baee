"""Text that YouTube takes: within its limits, without what it refuses, and with no times but our own in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.pipeline.text.characters import printable

# developers.google.com/youtube/v3/docs/videos: snippet.title, snippet.description
TITLE_CHARACTERS = 100
DESCRIPTION_BYTES = 5_000
TAGS_CHARACTERS = 500
"""Of all tags together, each with its comma; one with a space counts two quotation marks more (snippet.tags[])."""
_MOMENT = re.compile(r"(?<=\d):(?=\d)")
_ANGLES = str.maketrans("<>", "‹›")


def title_for(title: str) -> str:
    """Return the title as one line of at most 100 characters without angle brackets."""
    return plain_line(title, TITLE_CHARACTERS)


def description_for(description: str, chapter_lines: str) -> str:
    """Return description and chapters as one text of at most 5,000 bytes without angle brackets.

    YouTube takes every time in a description for a chapter and wants the first to be 0:00, so that the times of the
    description's own words are written another way. Where room is short the description is cut, not the chapters.
    """
    room = DESCRIPTION_BYTES - len(f"\n\n{chapter_lines}".encode())
    words = _within(_plain(description).strip(), room)
    return "\n\n".join(part for part in (words, chapter_lines) if part)


def tags_for(tags: Sequence[str]) -> str:
    """Return as many tags as YouTube takes, in their order, on one line with commas between them."""
    kept: list[str] = []
    room = TAGS_CHARACTERS
    for tag in (plain_line(tag, 100).replace(",", " ").strip() for tag in tags):
        room -= len(tag) + 1 + (2 if " " in tag else 0)
        if tag and room >= 0:
            kept.append(tag)
    return ", ".join(kept)


def plain_line(text: str, most_characters: int) -> str:
    """Return the text as one line with nothing in it that YouTube refuses or takes for a time; cut with an ellipsis."""
    line = " ".join(_plain(text).split())
    return line if len(line) <= most_characters else line[: most_characters - 1].rstrip() + "…"


def _plain(text: str) -> str:
    """The colon of 3:10 becomes a ratio sign, <b> becomes ‹b›."""
    return _MOMENT.sub("∶", printable(text).translate(_ANGLES))


def _within(text: str, most_bytes: int) -> str:
    if len(text.encode()) <= most_bytes:
        return text
    return text.encode()[: most_bytes - len("…".encode())].decode(errors="ignore").rstrip() + "…"
