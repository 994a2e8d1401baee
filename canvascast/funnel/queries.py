"""Counts of facts by day or week, and how far those came who began in a week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import Now, Trunc

from canvascast.funnel.models import Fact, FactKind
from canvascast.funnel.subjects import person_of

Unit = Literal["day", "week"]
STAGES = ("signed_up", "video_ordered", "video_ready", "downloaded", "checkout_opened", "paid")


@dataclass(frozen=True)
class Row:
    """How often one kind of fact happened in each of the spans; `detail` is empty in the row of the whole kind."""

    kind: FactKind
    detail: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Cohort:
    """Who left their first text in that week, and how many of them came so far by now."""

    week: date
    began: int
    reached: Mapping[str, int]

    @property
    def stages(self) -> list[tuple[int, int]]:
        """How many reached each stage, and how many in a hundred that is."""
        return [(self.reached[name], round(100 * self.reached[name] / self.began)) for name in STAGES]


def spans(unit: Unit, *, at: datetime, number: int) -> list[date]:
    """Return the first days of the last `number` days or weeks (UTC), oldest first; the last one is not over."""
    last = at.date() - timedelta(days=at.weekday() if unit == "week" else 0)
    return [last - timedelta(days=(7 if unit == "week" else 1) * back) for back in reversed(range(number))]


def counts(unit: Unit, starts: Sequence[date]) -> list[Row]:
    """Return how often what happened, each kind with its details below it. One query."""
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    facts = Fact.objects.filter(at__gte=_midnight(starts[0]))
    by_span = facts.annotate(span=Trunc("at", unit)).values_list("span", "kind", "detail").annotate(Count("id"))
    for span, kind, detail, number in by_span:
        found[kind, ""][span.date()] += number
        if detail:
            found[kind, detail][span.date()] += number
    order = {kind.value: place for place, kind in enumerate(FactKind)}
    keys = sorted({*found, *((kind.value, "") for kind in FactKind)}, key=lambda key: (order[key[0]], key[1]))
    return [Row(FactKind(kind), detail, tuple(found[kind, detail][start] for start in starts)) for kind, detail in keys]


def cohorts(starts: Sequence[date]) -> list[Cohort]:
    """Return the funnel of each week; somebody who leaves several texts counts in the week of the first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COHORTS, {"since": _midnight(starts[0])})
        found = {week.date(): (began, reached) for week, began, *reached in cursor.fetchall()}
    return [Cohort(week, began, dict(zip(STAGES, reached, strict=True))) for week, (began, reached) in found.items()]


def old_facts() -> QuerySet[Fact]:
    """Return the facts older than FUNNEL_DAYS by the database's clock, as the table itself judges them."""
    return Fact.objects.filter(at__lt=Now() - timedelta(days=settings.FUNNEL_DAYS))


def facts_of(user_id: UUID) -> list[dict[str, object]]:
    """Return what is noted of a user, for their export."""
    facts = Fact.objects.filter(person=person_of(user_id)).order_by("at", "pk")
    return [{"kind": fact.kind, "detail": fact.detail, "at": fact.at} for fact in facts]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


# Whoever left a text while logged in, or took one into their account, has one.
_COHORTS = """
WITH begun AS (
    SELECT coalesce(person, visitor) AS who, bool_or(person IS NOT NULL) AS is_person, min(at) AS at
    FROM funnel_facts WHERE kind = 'draft_created' AND at >= %(since)s GROUP BY 1
), claimed AS (
    SELECT visitor, min(person::text)::uuid AS person
    FROM funnel_facts WHERE kind = 'draft_claimed' AND at >= %(since)s AND visitor IS NOT NULL GROUP BY 1
), people AS (
    SELECT CASE WHEN is_person THEN who ELSE person END AS person, coalesce(person, who) AS who, min(begun.at) AS at
    FROM begun LEFT JOIN claimed ON visitor = who GROUP BY 1, 2
), reached AS (
    SELECT person, bool_or(kind = 'video_ordered') AS ordered, bool_or(kind = 'video_ready') AS ready,
        bool_or(kind = 'downloaded') AS downloaded, bool_or(kind = 'checkout_opened') AS at_checkout,
        bool_or(kind = 'paid') AS paid
    FROM funnel_facts
    WHERE at >= %(since)s AND kind IN ('video_ordered', 'video_ready', 'downloaded', 'checkout_opened', 'paid')
        AND person IS NOT NULL GROUP BY 1
)
SELECT date_trunc('week', at AT TIME ZONE 'UTC') AS week, count(*), count(person), count(*) FILTER (WHERE ordered),
    count(*) FILTER (WHERE ready), count(*) FILTER (WHERE downloaded), count(*) FILTER (WHERE at_checkout),
    count(*) FILTER (WHERE paid)
FROM people LEFT JOIN reached USING (person) GROUP BY 1 ORDER BY 1
"""
