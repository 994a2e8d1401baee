"""Which characters a narration may hold, and which of them can be said."""

from __future__ import annotations

import re
import unicodedata

SYMBOLS_SAID = frozenset("&+=@×÷<>")
"""Signs that are a word of their own when they stand alone between spaces."""

_JOINERS = frozenset("\u200c\u200d")
_LONG_SPACE = re.compile(" {5,}")
_EMOJI = "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u20e3\ufe0e\ufe0f"
_EMOJI_BEFORE_A_STOP = re.compile(rf"[ \t]*[{_EMOJI}]+(?=[\s.,;:!?)\]]|$)")
_EMOJI_RUN = re.compile(f"[{_EMOJI}]+")
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3021, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)


def has_words(text: str) -> bool:
    """Tell whether `text` has at least one letter or digit of any script."""
    return any(is_word_character(character) for character in text)


def is_word_character(character: str) -> bool:
    """Tell whether `character` is a letter or a number in any script."""
    return unicodedata.category(character)[0] in "LN"


def is_unspaced(character: str) -> bool:
    """Tell whether `character` belongs to a script that sets no spaces between words (Han, kana, Thai, ...)."""
    code = ord(character)
    return code >= 0x0E00 and any(first <= code <= last for first, last in _UNSPACED)


def printable(text: str) -> str:
    """Return `text` in NFC without what cannot be seen or heard.

    Dropped: control, zero-width and direction-changing characters, soft hyphens, private and unassigned code points,
    emoji. Kept: line breaks, and the joiners inside words of the scripts that need them (Arabic, the Indic scripts).
    """
    text = _NEWLINE.sub("\n", unicodedata.normalize("NFC", text))
    text = _LONG_SPACE.sub("    ", text.replace("\t", "    "))
    text = "".join(_kept(text))
    text = _EMOJI_RUN.sub(" ", _EMOJI_BEFORE_A_STOP.sub("", text))
    return unicodedata.normalize("NFC", text)


def _kept(text: str) -> list[str]:
    kept: list[str] = []
    for index, character in enumerate(text):
        is_seen = character == "\n" or unicodedata.category(character)[0] != "C"
        if is_seen or (character in _JOINERS and _joins(text[index - 1 : index], text[index + 1 : index + 2])):
            kept.append(character)
    return [character for character in kept if character != "\ufffd"]


def _joins(before: str, after: str) -> bool:
    return bool(before and after) and all(0x0590 <= ord(side) <= 0x1CFF for side in (before, after))
