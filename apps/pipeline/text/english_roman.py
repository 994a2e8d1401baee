"""Roman numerals, told from the pronoun, from initials and from names in capitals."""

from __future__ import annotations

import re

from apps.pipeline.text import english_numbers as numbers
from apps.pipeline.text.english_place import Place
from apps.pipeline.text.english_words import REGNAL_NAMES
from apps.pipeline.text.sentences import STARTERS
from apps.pipeline.text.word_sets import word_set

_NUMERAL = re.compile(r"([IVX]+)(['’]s)?")
_RULERS = word_set("king queen pope tsar tsarina czar emperor empress kaiser sultan shah pharaoh caliph")
_AFTER_A_RULER = word_set("of and or is has who whose to from in by as")
"""What seldom or never follows the pronoun: "Elizabeth I of England", but "told Mary I was leaving"."""
_PARTS = word_set(
    "war part chapter act volume type book phase title article class section scene appendix episode stage"
)
_SERIES = word_set("bowl rocky apollo saturn titan vatican gemini mark fantasy grade level")
"""Names with a number; before I they are names alone: "Mark I"."""
_MISTAKABLE = frozenset({"I", "V", "X", "IV", "VI", "XI", "XX", "XXX"})


def spoken_roman(place: Place) -> str | None:
    """Return "the fourteenth" for a ruler's number, "two" for another one, None for what is none.

    Where "I" may be either it is the pronoun.
    """
    match = _NUMERAL.fullmatch(place.word)
    if match is None or place.is_parted_before or not place.before:
        return None
    numeral, possessive = match.groups(default="")
    value = numbers.roman_value(numeral)
    if value and _is_of_a_ruler(place, numeral, is_possessive=bool(possessive)):
        return f"the {numbers.ordinal(value)}{possessive}"
    return numbers.cardinal(str(value)) + possessive if value and _is_number(place, numeral) else None


def _is_of_a_ruler(place: Place, numeral: str, *, is_possessive: bool) -> bool:
    if not place.before[0].isupper():
        return False
    if place.earlier.lower() in _RULERS:
        return True
    if place.before not in REGNAL_NAMES:
        return False
    ends = not place.after or place.is_parted_after
    return numeral != "I" or ends or is_possessive or place.after in _AFTER_A_RULER


def _is_number(place: Place, numeral: str) -> bool:
    counted = place.before.lower()
    if not place.before[0].isupper():
        return counted in _PARTS and len(numeral) > 1
    if numeral == "I":
        return counted in _PARTS and (counted != "war" or place.earlier == "World")
    if counted in _PARTS | _SERIES:
        return True
    return numeral not in _MISTAKABLE and place.before not in STARTERS
