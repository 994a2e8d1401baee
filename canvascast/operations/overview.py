"""What the staff pages begin with: what waits now, what the last days brought and cost, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from apps.pipeline.failures import failure_of
from canvascast.metrics.collector import numbers

DAYS = 7

# A day without anything is a row too. Money of tries with a test key is none.
_BY_DAY = """
    WITH days AS (SELECT generate_series(%(since)s, %(today)s, interval '1 day') AS day),
    ended AS (
        SELECT date_trunc('day', finished_at, 'UTC') AS day, count(*) FILTER (WHERE state = 'READY') AS ready,
            count(*) FILTER (WHERE state = 'FAILED') AS failed, count(*) FILTER (WHERE state = 'CANCELED') AS stopped
        FROM jobs WHERE finished_at >= %(since)s GROUP BY 1
    ),
    vendors AS (
        SELECT date_trunc('day', started_at, 'UTC') AS day, sum(cost_micro_usd) / 1e6 AS usd
        FROM provider_calls WHERE cost_micro_usd > 0 AND started_at >= %(since)s GROUP BY 1
    ),
    paid AS (
        SELECT date_trunc('day', paid_at, 'UTC') AS day, sum(cents) / 100.0 AS usd
        FROM payments WHERE livemode AND paid_at >= %(since)s GROUP BY 1
    ),
    went_back AS (
        SELECT date_trunc('day', r.created_at, 'UTC') AS day, sum(r.cents) / 100.0 AS usd
        FROM payment_reversals r JOIN payments p ON p.id = r.payment_id
        WHERE p.livemode AND r.created_at >= %(since)s GROUP BY 1
    )
    SELECT (day AT TIME ZONE 'UTC')::date, coalesce(ready, 0), coalesce(failed, 0), coalesce(stopped, 0),
        coalesce(vendors.usd, 0), coalesce(paid.usd, 0), coalesce(went_back.usd, 0)
    FROM days LEFT JOIN ended USING (day) LEFT JOIN vendors USING (day) LEFT JOIN paid USING (day)
        LEFT JOIN went_back USING (day)
    ORDER BY day DESC"""
# What was set aside for a video that failed came back whole.
_CAUSES = """
    SELECT error_code, count(*), coalesce(sum(reserved), 0) FROM jobs
    WHERE state = 'FAILED' AND finished_at >= %(since)s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20"""


@dataclass(frozen=True)
class Queue:
    """Rows of work of one queue; `oldest_seconds` is how long the first of them could have been begun.

    `workers` is None where the database took too long to tell.
    """

    name: str
    workers: int | None
    running: int
    waiting: int
    oldest_seconds: float


@dataclass(frozen=True)
class StepTime:
    """What starts of a step that ended well in the last hour took, in seconds."""

    step: str
    starts: int
    p50: float
    p95: float


@dataclass(frozen=True)
class Day:
    """What ended on a day (UTC), and its money in US dollars."""

    day: date
    ready: int
    failed: int
    stopped: int
    vendor_usd: float
    revenue_usd: float
    refunded_usd: float

    @property
    def success_percent(self) -> int | None:
        """Of those that nobody stopped; None without any."""
        ended = self.ready + self.failed
        return round(100 * self.ready / ended) if ended else None


@dataclass(frozen=True)
class Cause:
    """Why videos failed, as their owners were told, and the credits that came back."""

    code: str
    reason: str
    videos: int
    credits: int


@dataclass(frozen=True)
class Overview:
    """Everything on the page."""

    queues: list[Queue]
    steps: list[StepTime]
    days: list[Day]
    causes: list[Cause]


def overview(*, at: datetime) -> Overview:
    """Return what the page shows; what is true now is at most ten seconds old."""
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    span = {"since": today - timedelta(days=DAYS - 1), "today": today}
    found = numbers()
    return Overview(
        queues=_queues(found),
        steps=_steps(found),
        days=[Day(*row[:4], *map(float, row[4:])) for row in _rows(_BY_DAY, span)],
        causes=[Cause(code, failure_of(code).reason, *amounts) for code, *amounts in _rows(_CAUSES, span)],
    )


def add_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:  # Any: a template's context
    """Put the overview on the first staff page."""
    return context | {"overview": overview(at=timezone.now())}


def _queues(found: dict[str, dict[str, float]]) -> list[Queue]:
    waiting, workers = found.get("canvascast_steps_waiting", {}), found.get("canvascast_workers")
    return [
        Queue(
            name,
            workers=None if workers is None else int(workers.get(name, 0)),
            running=int(found["canvascast_steps_running"].get(name, 0)),
            waiting=int(waiting[name]),
            oldest_seconds=found["canvascast_steps_oldest_seconds"].get(name, 0.0),
        )
        for name in sorted(waiting)
    ]


def _steps(found: dict[str, dict[str, float]]) -> list[StepTime]:
    starts = found.get("canvascast_step_starts_hour", {})
    halves, most = found.get("canvascast_step_seconds_p50", {}), found.get("canvascast_step_seconds_p95", {})
    return [StepTime(step, int(number), halves[step], most[step]) for step, number in starts.items() if number]


def _rows(sql: str, span: dict[str, datetime]) -> list[tuple[Any, ...]]:  # Any: columns of the query
    with connection.cursor() as cursor:
        cursor.execute(sql, span)
        return list(cursor.fetchall())
