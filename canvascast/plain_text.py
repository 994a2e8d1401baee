"""Text as users type it, reduced to what can be stored and shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_DROPPED = ("Cc", "Cs", "Co")
# Embeddings, overrides and isolates: unclosed, they turn round the sentence in which a name is quoted.
_TURNS_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# More on one letter are dropped, as UAX 15 has it for streams: no writing needs them, and Python orders them in a time
# that grows with the square of their number, a minute for a third of a megabyte.
_MOST_MARKS = 30


def without_controls(raw: str) -> str:
    """Return `raw` in NFC with plain line ends and without control, surrogate and private-use characters."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", "".join(_kept(text))).strip()


def one_line(raw: str) -> str:
    """Return `raw` as a name or title that can stand within a sentence of ours, right-to-left or not."""
    return " ".join(without_controls(raw).translate(_TURNS_DIRECTION).split())


def _kept(text: str) -> Iterator[str]:
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS and (char in "\n\t" or unicodedata.category(char) not in _DROPPED):
            yield char
