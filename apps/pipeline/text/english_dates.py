"""English readings of dates in figures."""

from __future__ import annotations

import calendar
import re
from datetime import date

from apps.pipeline.text import english_numbers as numbers

_ISO = re.compile(r"([12]\d{3})-(\d{2})-(\d{2})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/([12]\d{3})")


def spoken_date(word: str) -> str | None:
    """Read "2024-05-06" and "5/6/2024" as May sixth, twenty twenty-four; None for what is no date.

    A slashed date has its month first unless only the other way round exists ("25/12/2023").
    """
    if match := _ISO.fullmatch(word):
        return _said(*(int(part) for part in match.groups()))
    if match := _SLASHED.fullmatch(word):
        first, second, year = (int(part) for part in match.groups())
        return _said(year, first, second) or _said(year, second, first)
    return None


def _said(year: int, month: int, day: int) -> str | None:
    try:
        date(year, month, day)
    except ValueError:
        return None
    return f"{calendar.month_name[month]} {numbers.ordinal(day)} {numbers.year(str(year))}"
