"""What videos cost the platform beside what they charged: vendors' bills, processor time, credits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection

from apps.billing.catalogue import ITEMS

Group = Literal["day", "niche", "provider"]
GROUPS: tuple[Group, ...] = ("day", "niche", "provider")

_MOST_LINES = 400
_JOBS = """
    WITH ended AS (
        SELECT id, state, cost, to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
            brief->>'niche_preset' AS niche
        FROM jobs WHERE finished_at >= %(since)s AND finished_at < %(until)s
    ), bills AS (
        SELECT s.job_id, c.provider, sum(c.cost_micro_usd) AS micro_usd, count(*) AS calls
        FROM provider_calls c JOIN job_steps s ON s.id = c.job_step_id JOIN ended e ON e.id = s.job_id
        GROUP BY s.job_id, c.provider
    ), work AS (
        SELECT s.job_id, sum(a.cpu_seconds) AS cpu_seconds
        FROM job_step_attempts a JOIN job_steps s ON s.id = a.job_step_id JOIN ended e ON e.id = s.job_id
        GROUP BY s.job_id
    )"""
# A row a group: name, videos, of them ready, credits, calls, dollars, CPU seconds.
_BY_COLUMN = """
    SELECT {column}, count(*), count(*) FILTER (WHERE state = 'READY'), sum(cost), coalesce(sum(calls), 0),
        coalesce(sum(micro_usd), 0) / 1e6, coalesce(sum(cpu_seconds), 0)
    FROM ended e
    LEFT JOIN (SELECT job_id, sum(calls) AS calls, sum(micro_usd) AS micro_usd FROM bills GROUP BY 1) b
        ON b.job_id = e.id
    LEFT JOIN work w ON w.job_id = e.id GROUP BY 1 ORDER BY 1 LIMIT {most}"""
# Credits and processor time are not any one provider's.
_BY_PROVIDER = """
    SELECT provider, count(DISTINCT job_id), count(DISTINCT job_id) FILTER (WHERE state = 'READY'), NULL, sum(calls),
        sum(micro_usd) / 1e6, NULL
    FROM bills b JOIN ended e ON e.id = b.job_id GROUP BY 1 ORDER BY sum(micro_usd) DESC, 1 LIMIT {most}"""


@dataclass(frozen=True)
class CostLine:
    """Videos that ended, of one group. Credits and CPU seconds are None where the group is a provider."""

    group: str
    videos: int
    ready: int
    credits: int | None
    calls: int
    vendor_usd: float
    cpu_seconds: float | None

    @property
    def margin_usd(self) -> float | None:
        """What is left of the credits at the lowest price they are sold for; given ones brought nothing."""
        return None if self.credits is None else self.credits * lowest_cents_a_credit() / 100 - self.vendor_usd


def costs(*, by: Group, since: datetime, until: datetime) -> list[CostLine]:
    """Return a line for each group of the videos that ended in [since, until), at most 400."""
    by_column = _BY_COLUMN.format(column=by, most=_MOST_LINES)
    chosen = _BY_PROVIDER.format(most=_MOST_LINES) if by == "provider" else by_column
    with connection.cursor() as cursor:
        cursor.execute(f"{_JOBS} {chosen}", {"since": since, "until": until})
        return [_line(*row) for row in cursor.fetchall()]


def lowest_cents_a_credit() -> float:
    """Return the price of a credit in the cheapest thing that is sold, or paid on by who has it, in US cents."""
    return min(item.cents / item.credits for item in ITEMS.values())


def _line(
    group: str | None,
    videos: int,
    ready: int,
    credits: int | None,
    calls: int,
    vendor_usd: float,
    cpu_seconds: float | None,
) -> CostLine:
    cpu = None if cpu_seconds is None else round(cpu_seconds, 1)
    return CostLine(group or "unknown", videos, ready, credits, int(calls), round(float(vendor_usd), 4), cpu)
