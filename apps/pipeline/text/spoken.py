"""What is said for what is shown: `display` never changes, `spoken` is made for the ear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from num2words import num2words

from apps.pipeline.contracts import Token
from apps.pipeline.text.english import say
from apps.pipeline.text.english_place import Place
from apps.pipeline.text.sentences import split_sentences

_LEAD = "\"'“‘«([{¿¡*_—–-… "
_TRAIL = "\"'”’»)]}*_,;:!?…—–- "
_STOPPED = (".", "!", "?", "…", "。", "！", "？", "।", "॥", "؟", "۔")
_INTEGER = re.compile(r"\d{1,15}")


def with_spoken(tokens: Sequence[Token], language: str) -> tuple[Token, ...]:
    """Fill in `spoken` for one paragraph in `language` (BCP 47).

    English numbers, money, units, dates, abbreviations and signs become words; other languages get plain whole numbers
    in words where num2words knows the language, and the rest is left to the voice. Outer punctuation stays, for the
    prosody; a paragraph that ends without a stop is given one.
    """
    primary = language.split("-")[0].lower()
    said = [
        _english(sentence) if primary == "en" else _foreign(sentence, primary)
        for sentence in split_sentences(tuple(tokens))
    ]
    flat = [token for sentence in said for token in sentence]
    if flat and not flat[-1].spoken.rstrip("\"'”’»)]} ").endswith(_STOPPED):
        flat[-1] = replace(flat[-1], spoken=flat[-1].spoken.rstrip(",;:—– ") + ".")
    return tuple(flat)


def _english(sentence: tuple[Token, ...]) -> list[Token]:
    parts = [_parts(token.display) for token in sentence]
    said = []
    for index, (token, (lead, word, trail)) in enumerate(zip(sentence, parts, strict=True)):
        spoken = say(_place(parts, index))
        is_last = index + 1 == len(sentence)
        if is_last and word.endswith(".") and spoken != word and "." not in trail:
            trail = "." + trail
        elif not is_last and trail == "." and not lead:
            trail = ""
        said.append(replace(token, spoken=lead + spoken + trail))
    return said


def _place(parts: Sequence[tuple[str, str, str]], index: int) -> Place:
    around = [("", "", "")] * 2
    (_, earlier, _), before, own, after = [*around, *parts, *around][index : index + 4]
    return Place(
        own[1].replace(" %", "%"),
        before[1],
        after[1],
        earlier=earlier,
        is_parted_before=bool(before[2] or own[0]),
        is_parted_after=bool(own[2] or after[0]),
    )


def _parts(display: str) -> tuple[str, str, str]:
    """Split a display form into leading marks, the word, and trailing marks; a full stop stays with abbreviations."""
    start = 0
    while start < len(display) - 1 and display[start] in _LEAD and not _opens_word(display, start):
        start += 1
    word = display[start:].rstrip(_TRAIL)
    trail = display[start + len(word) :]
    bare = word.rstrip(".")
    if word != bare and (len(word) - len(bare) > 1 or not _keeps_stop(word)):
        word, trail = bare, word[len(bare) :] + trail
    return (display[:start], word, trail) if word else ("", display, "")


def _opens_word(display: str, start: int) -> bool:
    """A minus before a number and an apostrophe before a decade belong to the word."""
    return display[start] in "-−'’" and display[start + 1] in "0123456789$£€¥₹"


def _keeps_stop(word: str) -> bool:
    if re.fullmatch(r"(?:[A-Za-z]\.){2,}", word):
        return True
    return word[0].isalpha() and any(say(Place(word, "5", after)) != word for after in ("5", "Smith"))


def _foreign(sentence: tuple[Token, ...], language: str) -> list[Token]:
    return [replace(token, spoken=_numbers_in(token.display, language)) for token in sentence]


def _numbers_in(display: str, language: str) -> str:
    lead, word, trail = _parts(display)
    if not word.isascii() or not _INTEGER.fullmatch(word) or word.startswith("0"):
        return display
    try:
        return lead + str(num2words(int(word), lang=language)) + trail
    except (NotImplementedError, OverflowError):
        return display
