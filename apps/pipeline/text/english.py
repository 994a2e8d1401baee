"""How an English word is said, given the words beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

from apps.pipeline.text import english_numbers as numbers
from apps.pipeline.text.english_dates import spoken_date
from apps.pipeline.text.english_place import Place
from apps.pipeline.text.english_roman import spoken_roman
from apps.pipeline.text.english_words import (
    ABBREVIATIONS,
    AIRCRAFT_MAKERS,
    CURRENCIES,
    MISREAD_ACRONYMS,
    RANKS,
    SCALE_WORDS,
    SCALES,
    SYMBOLS,
    UNITS,
    plural,
)
from apps.pipeline.text.sentences import STARTERS
from apps.pipeline.text.word_sets import word_set

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGN = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
_MONEY = re.compile(rf"([-−]?)({_SIGN})({_NUMBER})(?:[-–](?:{_SIGN})?({_NUMBER}))?([a-zA-Z]{{1,2}})?")
_MONEY_AFTER = re.compile(rf"({_NUMBER})(€|£|\$)")
_QUANTITY = re.compile(rf"([-−+]?(?:{_NUMBER}))(?:[-–]({_NUMBER}))?([a-zA-Zµ%°/²³]{{1,4}}\d?\.?)")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?:([ap])\.?m\.?)?", re.IGNORECASE)
_HOUR = re.compile(r"(1[0-2]|[1-9])([ap])\.?m\.?", re.IGNORECASE)
_ORDINAL = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,15})(?:st|nd|rd|th)", re.IGNORECASE)
_DECADE = re.compile(r"['’]?((?:1\d|20)\d0|[1-9]0)['’]?s")
_RANGE = re.compile(rf"({_NUMBER})[-–—]({_NUMBER})")
_PHONE = re.compile(r"\+?\d{1,4}(?:[-–]\d{2,4})*[-–]\d{3,4}")
_FRACTION = re.compile(r"(\d{1,3})/([1-9]\d{0,2})")
_VERSION = re.compile(r"\d+(?:\.\d+){2,}")
_INITIALS = re.compile(r"(?:[A-Za-z]\.){2,}")
_YEAR = re.compile(r"(?:1\d|20)\d\d")
_EARLY_YEAR = re.compile(r"10\d\d")
_AIRLINER = re.compile(r"(\d{3})[-–](\d{1,3})(s?)")
_YEAR_LEADS = word_set(
    """
    in since from by until till before after around circa of during early late mid and or to year summer
    winter spring autumn fall january february march april may june july august september october november
    december ad
    """
)
_AFTER_A_YEAR = frozenset({"AD", "BC", "CE", "BCE", "was", "saw"})
_VULGAR = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅛": (1, 8)}
_SCORES = word_set(
    """
    win wins won lose loses lost beat beats draw draws drew tie ties tied trail trails trailed trailing lead leads led
    leading up down score scores scored finish finished end ended them us
    """
)
_AFTER_A_SCORE = word_set("to against at in on and but after with when while before over")
_PEOPLE = frozenset({"people", "men", "women", "children"})
_NOT_COUNTED = word_set("was is has as this his its across always perhaps towards versus thus plus")


def say(place: Place) -> str:
    """Return the words for `place.word`; a word that needs no help comes back as it is."""
    for rule in _RULES:
        spoken = rule(place)
        if spoken is not None:
            return spoken
    return place.word


def _abbreviation(place: Place) -> str | None:
    word, lower = place.word, place.word.lower()
    if lower == "dr.":
        return "Doctor" if place.after[:1].isupper() else "Drive"
    if lower == "st.":
        is_name = place.after[:1].isupper() and place.after not in STARTERS
        return "Saint" if is_name and not place.before[:1].isdigit() else "Street"
    if lower in {"no.", "nos."}:
        return "number" if place.after[:1].isdigit() else None
    if lower in UNITS and lower.endswith(".") and _is_number(place.before):
        return _unit(place)
    if lower in ABBREVIATIONS and (lower not in RANKS or _has_a_name_after(place)):
        return ABBREVIATIONS[lower]
    return word.replace(".", "") if _INITIALS.fullmatch(word) else None


def _has_a_name_after(place: Place) -> bool:
    """Tell "Rep. Smith" from "one more rep." """
    return place.word[:1].isupper() and place.after[:1].isupper() and not place.is_parted_after


def _symbol(place: Place) -> str | None:
    word = place.word
    if word in SYMBOLS:
        return SYMBOLS[word]
    if word.startswith("#") and len(word) > 1:
        return f"number {numbers.cardinal(word[1:])}" if word[1:].isdecimal() else f"hashtag {word[1:]}"
    if word.startswith("@") and len(word) > 1:
        return f"at {word[1:].replace('_', ' ')}"
    return None


def _money(place: Place) -> str | None:
    after = _MONEY_AFTER.fullmatch(place.word)
    match = _MONEY.fullmatch(after.group(2) + after.group(1) if after else place.word)
    if match is None or (match.group(5) or "m") not in SCALES:
        return None
    minus, sign, low, high, suffix = match.groups()
    major, minor = CURRENCIES[sign]
    lead = "minus " if minus else ""
    if suffix or place.after.lower() in SCALE_WORDS:
        amount = _span(low, high)
        return f"{lead}{amount} {SCALES[suffix]} {plural(major)}" if suffix else lead + amount
    whole, _, cents = low.partition(".")
    if high or len(cents) != 2:
        return f"{lead}{_span(low, high)} {major if (low, high) == ('1', None) else plural(major)}"
    return lead + _coins(whole.replace(",", ""), cents, major, minor)


def _coins(whole: str, cents: str, major: str, minor: str) -> str:
    parts = []
    if int(whole) or not int(cents):
        parts.append(f"{numbers.cardinal(whole)} {major if int(whole) == 1 else plural(major)}")
    if int(cents):
        parts.append(f"{numbers.cardinal(str(int(cents)))} {minor if int(cents) == 1 else plural(minor)}")
    return " and ".join(parts)


def _scale_of_money(place: Place) -> str | None:
    money = _MONEY.fullmatch(place.before) if place.word.lower() in SCALE_WORDS else None
    return f"{place.word} {plural(CURRENCIES[money.group(2)][0])}" if money and not money.group(5) else None


def _time(place: Place) -> str | None:
    clock, hour = _CLOCK.fullmatch(place.word), _HOUR.fullmatch(place.word)
    if clock is None and hour is None:
        return None
    if hour is not None:
        return f"{numbers.cardinal(hour.group(1))} {_half_day(hour.group(2))}"
    if clock is None:
        return None
    hours, minutes, half = clock.groups()
    named_half = half or place.after.lower()[:1] if place.after.lower().replace(".", "") in {"am", "pm"} else half
    spoken = numbers.cardinal(str(int(hours)))
    if minutes != "00":
        spoken += f" {'oh ' if minutes[0] == '0' else ''}{numbers.cardinal(str(int(minutes)))}"
    elif not named_half:
        spoken += " o'clock" if 1 <= int(hours) <= 12 else " hundred hours"
    return f"{spoken} {_half_day(half)}" if half else spoken


def _half_day(letter: str) -> str:
    return "ay M" if letter.lower() == "a" else "P M"


def _half_day_word(place: Place) -> str | None:
    if place.word.lower() in {"am", "pm"} and (place.before[-1:].isdigit() or ":" in place.before):
        return _half_day(place.word[0])
    return None


def _quantity(place: Place) -> str | None:
    match = _QUANTITY.fullmatch(place.word)
    if match is None:
        return None
    low, high, suffix = match.groups()
    counted = place.after in _PEOPLE or (place.after.endswith("s") and place.after.islower())
    if suffix in {"K", "k"} or (suffix == "m" and counted):
        return f"{_span(low, high)} {SCALES[suffix]}" if low not in {"4", "8"} else None
    if suffix == "s" and low.replace(",", "").isdecimal() and not high:
        return numbers.cardinal_plural(low)
    if suffix in UNITS:
        unit = UNITS[suffix]
        return f"{_span(low, high)} {unit if (low, high) == ('1', None) else plural(unit)}"
    if suffix in SCALES:
        return f"{_span(low, high)} {SCALES[suffix]}"
    return None


def _unit(place: Place) -> str | None:
    if place.word not in UNITS or not _is_number(place.before):
        return None
    unit = UNITS[place.word]
    return unit if place.before == "1" else plural(unit)


def _is_number(word: str) -> bool:
    return re.fullmatch(rf"[-−+~]?(?:{_NUMBER})(?:[-–](?:{_NUMBER}))?", word) is not None


def _ordinal(place: Place) -> str | None:
    match = _ORDINAL.fullmatch(place.word)
    return numbers.ordinal(int(match.group(1).replace(",", ""))) if match else None


def _date(place: Place) -> str | None:
    return spoken_date(place.word)


def _decade(place: Place) -> str | None:
    match = _DECADE.fullmatch(place.word)
    return numbers.decade(match.group(1)) if match else None


def _range(place: Place) -> str | None:
    match = _RANGE.fullmatch(place.word)
    if match is None:
        return None
    low, high = match.groups()
    if _is_year_range(place, low, high):
        return f"{numbers.year(low)} to {numbers.year(high) if len(high) == 4 else numbers.cardinal(high)}"
    if (len(low) <= 3 and len(high) == 4 and "." not in place.word) or _is_score(place):
        return None
    return _span(low, high) if float(high.replace(",", "")) > float(low.replace(",", "")) else None


def _is_year_range(place: Place, low: str, high: str) -> bool:
    if not _YEAR.fullmatch(low) or (_EARLY_YEAR.fullmatch(low) and _is_counted(place)):
        return False
    return bool(_YEAR.fullmatch(high) or re.fullmatch(r"\d\d", high))


def _is_score(place: Place) -> bool:
    """Tell "they lost 2-3" from "they lost 2-3 games"."""
    has_noun = place.after and not place.is_parted_after and place.after not in _AFTER_A_SCORE
    return place.before.lower() in _SCORES and not place.is_parted_before and not has_noun


def _airliner(place: Place) -> str | None:
    match = _AIRLINER.fullmatch(place.word)
    if match is None or (match.group(1)[::2] != "77" and place.before not in AIRCRAFT_MAKERS):
        return None
    make, variant, plural_s = match.groups()
    said = numbers.cardinal_plural(variant) if plural_s else numbers.cardinal(variant)
    return f"{numbers.model(make)} {said}"


def _span(low: str, high: str | None) -> str:
    return f"{numbers.cardinal(low)} to {numbers.cardinal(high)}" if high else numbers.cardinal(low)


def _digit_groups(place: Place) -> str | None:
    if _PHONE.fullmatch(place.word):
        groups = re.split(r"[-–]", place.word.lstrip("+"))
        return ", ".join(numbers.digits(group) for group in groups)
    return place.word.replace(".", " point ") if _VERSION.fullmatch(place.word) else None


def _fraction(place: Place) -> str | None:
    if place.word[-1:] in _VULGAR:
        above, below = _VULGAR[place.word[-1]]
        whole = place.word[:-1]
        part = numbers.fraction(above, below).replace("one ", "a ", 1) if whole else numbers.fraction(above, below)
        return f"{numbers.cardinal(whole)} and {part}" if whole.isdecimal() else part if not whole else None
    match = _FRACTION.fullmatch(place.word)
    if match is None or int(match.group(2)) < 2 or int(match.group(1)) >= int(match.group(2)):
        return None
    return numbers.fraction(int(match.group(1)), int(match.group(2)))


def _number(place: Place) -> str | None:
    word = place.word
    if not re.fullmatch(rf"[-−+~]?(?:{_NUMBER})", word) or (not word.isascii() and word[0] != "−"):
        return None
    if word.startswith("~"):
        return ("" if place.before == "about" else "about ") + numbers.cardinal(word[1:])
    return numbers.year(word) if _is_year(place) else numbers.cardinal(word)


def _is_year(place: Place) -> bool:
    if not _YEAR.fullmatch(place.word) or place.after in UNITS or place.after.lower() in SCALE_WORDS:
        return False
    is_led = place.before.lower() in _YEAR_LEADS or place.before.isdecimal()
    if _EARLY_YEAR.fullmatch(place.word):
        return (is_led or place.after in _AFTER_A_YEAR) and not _is_counted(place)
    return is_led or not _is_counted(place)


def _is_counted(place: Place) -> bool:
    is_plural = place.after.islower() and place.after.endswith("s") and place.after not in _NOT_COUNTED
    return is_plural or place.after in _PEOPLE


def _acronym(place: Place) -> str | None:
    if place.word.upper() not in MISREAD_ACRONYMS or not place.word[:2].isupper():
        return None
    return " ".join({"A": "ay", "2": "two"}.get(letter, letter) for letter in place.word)


def _compound(place: Place) -> str | None:
    """Say the parts of "10-year-old", "and/or", "R&D" or "example.com" one by one."""
    word = place.word
    if re.fullmatch(r"\w+(?:&\w+)+", word):
        return word.replace("&", " and ")
    if word.lower() == "and/or":
        return "and or"
    if re.fullmatch(r"[^\W\d]+(?:/[^\W\d]+)+", word):
        return word.replace("/", " " if word.isupper() else " or ")
    if re.fullmatch(r"[\w-]+(?:\.[a-z]{2,})+", word):
        return word.replace(".", " dot ")
    if any(mark.isdigit() for mark in word) and re.fullmatch(r"[\w,.]+(?:[-–][\w,.']+)+", word):
        parts = re.split(r"[-–]", word)
        return "-".join(say(Place(part, "", "")) for part in parts)
    return None


_RULES: tuple[Callable[[Place], str | None], ...] = (
    _abbreviation, _symbol, _date, _money, _scale_of_money, _time, _half_day_word, _ordinal, _decade, _airliner,
    _quantity, _unit, _range, _digit_groups, _fraction, _number, spoken_roman, _acronym, _compound,
)  # fmt: skip
