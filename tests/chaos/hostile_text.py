"""Texts that were made to be taken for something else: commands, markup, filters, paths, or no text at all."""

from __future__ import annotations

import random
from collections.abc import Callable

_PIECES = (
    *(r"{\an8}", r"{\p1}m 0 0 l 9999 9999{\p0}", r"{\fs9999}", r"{\t(0,99999,\frx99999)}", r"\N", r"\h", "{=7}"),
    *("drawtext=textfile=/etc/passwd", "movie=/etc/passwd", "':enable='", "\\'", "%{eif\\:1\\:d}", "%{pts}", "[0:v]"),
    *("ffconcat version 1.0\nfile /etc/passwd", "-i /dev/zero", "--", "-vf null", "concat:a|b", "file:///etc/passwd"),
    *("$(id)", "`id`", "; rm -rf /", "| cat", "&& reboot", "\n\n", "%n%n%s", "../../../../etc/shadow", "C:\\con\\nul"),
    *("<script>alert(1)</script>", "<b>", "</i>", "&lt;", "&#0;", "<00:00:01.000>", "a --> b", "WEBVTT", "NOTE x"),
    *("00:00:01,000 --> 00:00:02,000", "' OR 1=1 --", '{"a":', "]]>", "<!DOCTYPE x [", "{{7*7}}", "{% now %}"),
    *("\x00", "\x1b[31m", "\x07", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\ufffd", "\ue000", "\x85"),
    *("e" + "\u0301" * 60, "Z" + "\u0336\u0489" * 40, "W" * 400, "a" * 2_000, "\u0f3c\u1d50\u0f3d", "ﷺ", "𒐫", "🏳️‍🌈"),
    *("猫と夜", "ความ", "नमस्ते", "مرحبا بالعالم", "שלום", "Ωμέγα", "ﬁ", "ǅ", "İ", "ß", "１２３"),
)
_MOST_CHARACTERS = 3_000
_WORDS = ("A", "lighthouse", "stands", "on", "the", "cliff", "and", "trusts", "its", "light.")


def hostile_texts(seed: int, number: int) -> list[str]:
    """Return texts of plain words with hostile pieces among them, glued on, repeated, or alone."""
    chance = random.Random(seed)
    return [chance.choice(_SHAPES)(chance)[:_MOST_CHARACTERS] for _ in range(number)]


def plain_texts(texts: list[str]) -> list[str]:
    """Return for each text one of as many characters that means nothing but itself, in words as people write them."""
    line = " ".join(_WORDS) + " "
    return [(line * (len(text) // len(line) + 1))[: max(len(text), 4)].strip() for text in texts]


def _among_words(chance: random.Random) -> str:
    words = chance.choices(_WORDS, k=chance.randint(1, 12))
    for _ in range(chance.randint(1, 3)):
        words.insert(chance.randint(0, len(words)), chance.choice(_PIECES))
    return " ".join(words)


def _glued(chance: random.Random) -> str:
    return "".join(chance.choice((*_PIECES, *_WORDS)) for _ in range(chance.randint(2, 8)))


def _repeated(chance: random.Random) -> str:
    return chance.choice(_PIECES) * chance.randint(2, 30)


def _any_characters(chance: random.Random) -> str:
    codes = (chance.choice((0x7F, 0x2FF, 0xFFF, 0xFFFF, 0x1FFFF)) for _ in range(chance.randint(1, 60)))
    characters = (chr(chance.randint(0, code)) for code in codes)
    return "".join(character for character in characters if not "\ud800" <= character <= "\udfff")


_SHAPES: tuple[Callable[[random.Random], str], ...] = (_among_words, _among_words, _glued, _repeated, _any_characters)
