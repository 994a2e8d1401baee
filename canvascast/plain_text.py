"""Text as users type it, reduced to what can be stored and shown."""

from __future__ import annotations

import unicodedata

_DROPPED = ("Cc", "Cs", "Co")
# Embeddings, overrides and isolates: unclosed, they turn round the sentence in which a name is quoted.
_TURNS_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def without_controls(raw: str) -> str:
    """Return `raw` in NFC with plain line ends and without control, surrogate and private-use characters."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in _DROPPED).strip()


def one_line(raw: str) -> str:
    """Return `raw` as a name or title that can stand within a sentence of ours, right-to-left or not."""
    return " ".join(without_controls(raw).translate(_TURNS_DIRECTION).split())
