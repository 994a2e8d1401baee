"""English readings of numerals."""

from __future__ import annotations

import re

from num2words import num2words

_LONGEST_NUMBER = 15
_ROMAN = re.compile(r"(?=[IVX])(X{0,3})(IX|IV|V?I{0,3})")
_LONE_SCALE = re.compile(r"^one (?=(?:hundred|thousand|million|billion)$)")
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def cardinal(numeral: str) -> str:
    """Read "1,250", "3.14", "-5" or "007"; more than 15 digits, and leading zeros, go digit by digit."""
    sign = "minus " if numeral[:1] in {"-", "−"} else "plus " if numeral[:1] == "+" else ""
    whole, _, fraction = numeral.lstrip("-−+").replace(",", "").partition(".")
    if len(whole) > _LONGEST_NUMBER or (len(whole) > 1 and whole.startswith("0")):
        words = digits(whole)
    else:
        words = plain(num2words(int(whole or "0")))
    return sign + words + (f" point {digits(fraction)}" if fraction else "")


def ordinal(number: int) -> str:
    return plain(num2words(number, to="ordinal"))


def year(numeral: str) -> str:
    """Read four digits as a year: "1998" nineteen ninety-eight, "2005" two thousand five, "1905" nineteen oh five."""
    number = int(numeral)
    if number % 1000 < 10:
        return plain(num2words(number))
    century, rest = divmod(number, 100)
    if rest == 0:
        return f"{num2words(century)} hundred"
    return f"{num2words(century)} {'oh ' if rest < 10 else ''}{num2words(rest)}"


def decade(numeral: str) -> str:
    """Read "1990" as nineteen nineties, "80" as eighties."""
    return _plural(year(numeral) if len(numeral) == 4 else cardinal(numeral))


def cardinal_plural(numeral: str) -> str:
    """Read the numeral of "500s" as five hundreds, of "100s" as hundreds, of "747s" as seven forty-sevens."""
    return _plural(model(numeral) if len(numeral) == 3 else cardinal(numeral))


def model(numeral: str) -> str:
    """Read up to three digits as those of a machine: "737" seven thirty-seven, "707" seven oh seven."""
    first, rest = numeral[:1], numeral[1:]
    if len(numeral) < 3 or rest == "00":
        return cardinal(numeral)
    return f"{cardinal(first)} {'oh ' if rest.startswith('0') else ''}{cardinal(str(int(rest)))}"


def digits(numerals: str) -> str:
    return " ".join(_DIGITS[int(numeral)] for numeral in numerals)


def fraction(above: int, below: int) -> str:
    """Read 1/2 as one half, 3/4 as three quarters, 2/3 as two thirds."""
    name = {2: "half", 4: "quarter"}.get(below) or ordinal(below)
    if above == 1:
        return f"one {name}"
    return f"{plain(num2words(above))} {'halves' if below == 2 else name + 's'}"


def roman_value(numeral: str) -> int:
    """Return the value of a Roman numeral from I to XXXIX, or 0 for anything else."""
    match = _ROMAN.fullmatch(numeral)
    if match is None:
        return 0
    ones = {"": 0, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
    return 10 * len(match.group(1)) + ones[match.group(2)]


def plain(words: str) -> str:
    """Drop the commas of num2words: a speaker would pause at them."""
    return words.replace(",", "")


def _plural(words: str) -> str:
    """Make "ninety" nineties, "six" sixes, and "one thousand" thousands."""
    words = _LONE_SCALE.sub("", words)
    if words.endswith("y"):
        return words[:-1] + "ies"
    return words + ("es" if words.endswith("x") else "s")
