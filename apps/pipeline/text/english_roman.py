"""Roman numerals, told from the pronoun, from initials and from names in capitals."""

from __future__ import annotations

import re

from apps.pipeline.text import english_numbers as numbers
from apps.pipeline.text.english_place import Place
from apps.pipeline.text.english_words import REGNAL_NAMES
from apps.pipeline.text.word_sets import word_set

_NUMERAL = re.compile(r"([IVX]+)(['’]s)?")
_RANGE = re.compile(r"([IVX]+)[-–]([IVX]{2,})")
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
    """Return "the fourteenth" for a ruler's number, "two" for another, "I V" for letters; None for what is neither.

    Where "I" may be either it is the pronoun. All that has several letters is said: espeak makes "roman four" of IV.
    """
    if match := _RANGE.fullmatch(place.word):
        low, high = map(numbers.roman_value, match.groups())
        return f"{numbers.cardinal(str(low))} to {numbers.cardinal(str(high))}" if 0 < low < high else None
    match = _NUMERAL.fullmatch(place.word)
    value = numbers.roman_value(match.group(1)) if match else 0
    if match is None or not value:
        return None
    numeral, possessive = match.groups(default="")
    if _is_of_a_ruler(place, numeral, is_possessive=bool(possessive)):
        return f"the {numbers.ordinal(value)}{possessive}"
    if _is_number(place, numeral):
        return numbers.cardinal(str(value)) + possessive
    return " ".join(numeral) + possessive if len(numeral) > 1 else None


def _is_of_a_ruler(place: Place, numeral: str, *, is_possessive: bool) -> bool:
    if place.is_parted_before or not place.before[:1].isupper():
        return False
    if place.earlier.lower() in _RULERS:
        return True
    if place.before not in REGNAL_NAMES:
        return False
    ends = not place.after or place.is_parted_after
    return numeral != "I" or ends or is_possessive or place.after in _AFTER_A_RULER


def _is_number(place: Place, numeral: str) -> bool:
    counted = "" if place.is_parted_before else place.before.lower()
    if numeral == "I":
        is_world_war = counted != "war" or place.earlier == "World"
        return place.before[:1].isupper() and counted in _PARTS and is_world_war
    if numeral not in _MISTAKABLE:
        return True
    return counted in _PARTS | _SERIES and (place.before[0].isupper() or len(numeral) > 1)
