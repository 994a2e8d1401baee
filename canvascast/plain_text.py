"""Text as users type it, reduced to what can be stored and shown."""

from __future__ import annotations

import unicodedata

_DROPPED = ("Cc", "Cs", "Co")


def without_controls(raw: str) -> str:
    """Return `raw` in NFC with plain line ends and without control, surrogate and private-use characters."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in _DROPPED).strip()
