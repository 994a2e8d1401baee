"""A user's movements as CSV that spreadsheets open as it is meant: UTF-8, and no text that runs as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC
from io import StringIO

from apps.billing.queries import Movement

HEAD = ("Time (UTC)", "What", "Credits", "Balance")
# Without it Excel takes the file for one in its country's old encoding.
_BYTE_ORDER_MARK = "\ufeff"
# owasp.org/www-community/attacks/CSV_Injection, with the full-width signs that Excel reads as the narrow ones.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(movements: Iterable[Movement]) -> Iterator[str]:
    """Yield the file line by line, so that a long history is never in memory as a whole."""
    yield _BYTE_ORDER_MARK + _line(HEAD)
    for movement in movements:
        moment = movement.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        yield _line((moment, as_text(movement.text), movement.credits, movement.balance))


def as_text(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it: an apostrophe before what begins like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell


def _line(cells: Iterable[str | int]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
