"""Where sentences end, over tokens."""

from __future__ import annotations

import re

from apps.pipeline.contracts import Token
from apps.pipeline.text.word_sets import word_set

CLAUSE_MARKS = (",", ";", ":", "—", "–", "，", "；", "：", "、", "،", "؛")

_CLOSING = "\"'”’»)]}」』）】》*_ —–-"
_STOPS = "!?。！？।॥؟۔።။។…"
_NEVER_LAST = word_set(
    """
    dr mr mrs ms prof pres mt vs fig figs eq vol pp cf approx e.g
    i.e viz jan feb aug sept oct nov dec est ca sra sr srta dra bzw z.b mme mlle
    """
)
_BEFORE_NAMES = word_set("st sen rep gov gen col capt lt sgt rev hon")
"""Abbreviations before a name; otherwise the ends of words: "Main St.", "one more rep."."""
STARTERS = word_set(
    """
    The A An It Its He She They We You I In On At But And So Then There This That These Those What When Where
    Why How Who If As After Before For His Her Their Our My Today Now Yet Still However
    """
)
_INITIAL = re.compile(r"(?:[A-Z]\.)+")
_OPENING = "\"'“‘«([{¿¡「『（【*_—–- "


def split_sentences(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """Split one paragraph's tokens at sentence ends; nothing is lost, the last sentence may lack a full stop.

    Knows abbreviations, initials, decimals, quotes, dots of ellipsis, and the stops of CJK, Indic and Arabic scripts.
    """
    sentences: list[tuple[Token, ...]] = []
    start = 0
    for index in range(len(tokens)):
        if index + 1 == len(tokens) or _ends_sentence(tokens[index], tokens[index + 1]):
            sentences.append(tokens[start : index + 1])
            start = index + 1
    return tuple(sentences)


def ends_clause(token: Token) -> bool:
    """Tell whether a speaker would take a short breath after `token`."""
    return token.display.rstrip("\"'”’»)]}」』） ").endswith(CLAUSE_MARKS)


def _ends_sentence(token: Token, following: Token) -> bool:
    body = token.display.rstrip(_CLOSING)
    upcoming = following.display.lstrip(_OPENING)
    if not body or body[-1] not in _STOPS + ".":
        return False
    if upcoming[:1].islower():
        return False
    if body.endswith("."):
        return body.endswith("...") or not _is_abbreviation(body, upcoming)
    return True


def _is_abbreviation(body: str, upcoming: str) -> bool:
    word = body.lstrip(_OPENING)
    stem = word[:-1].lower()
    if stem in {"no", "nos"}:
        return upcoming[:1].isdigit()
    is_name = upcoming.split(" ")[0].rstrip(",") not in STARTERS
    if _INITIAL.fullmatch(word):
        return (len(word) == 2 and word != "I.") or is_name
    if stem in _BEFORE_NAMES:
        return word[0].isupper() and is_name
    return stem in _NEVER_LAST
