"""What describes a video that nobody described: how its words begin; and descriptions whose quotes were changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.pipeline.text.characters import printable

_OPENING_CHARACTERS = 160
_MOST_CHARACTERS = 1_000


def description_of(texts: Sequence[str]) -> str:
    """Return the opening words of the video, at most 160 characters, cut at a word."""
    return _cut(" ".join(texts[:2]), _OPENING_CHARACTERS)


def requoted(description: str, before: Sequence[str], after: Sequence[str]) -> str:
    """Return the description of a script whose scenes had the texts `before` and have those of `after` now.

    One that is how the words begin begins as they do now. In any other, what quotes a whole scene quotes its new words;
    at most 1,000 characters of it then.
    """
    if description == _one_line(description_of(before)):
        return _one_line(description_of(after))
    new_words = {old: new for old, new in zip(before, after, strict=True) if old and old != new}
    if not new_words:
        return description
    # All in one look: what one scene says now is not taken for what another said before.
    quotes = re.compile("|".join(re.escape(old) for old in sorted(new_words, key=len, reverse=True)))
    return _cut(quotes.sub(lambda quote: new_words[quote.group()], description), _MOST_CHARACTERS)


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3].rsplit(" ", 1)[0].rstrip(" ,;:—–") + "..."
