"""The account's time: it stands still until it is moved, and months have their own lengths."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

MINUTE_SECONDS = 60
HOUR_SECONDS = 3600
DAY_SECONDS = 86400


class Clock:
    """Unix seconds, as Stripe writes times."""

    def __init__(self, at: datetime | None = None) -> None:
        self.now = int((at or datetime.now(UTC)).timestamp())

    def move(self, now: int) -> None:
        if now < self.now:
            raise ValueError(f"the clock stands at {self.now} and does not go back to {now}")
        self.now = now


def period_end(anchor: int, start: int, interval: str, count: int) -> int:
    """The first moment after `start` on the grid of `anchor`: 31 January, 28 February, 31 March.

    https://docs.stripe.com/billing/subscriptions/billing-cycle
    """
    if interval in ("day", "week"):
        step = count * DAY_SECONDS * (7 if interval == "week" else 1)
        return anchor + ((start - anchor) // step + 1) * step
    months = count * (12 if interval == "year" else 1)
    steps = 1
    while (end := _months_after(anchor, steps * months)) <= start:
        steps += 1
    return end


def _months_after(moment: int, months: int) -> int:
    at = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())
