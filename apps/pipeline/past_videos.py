"""How long the newest finished videos took, step by step: what every estimate rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import caches
from django.db.models import Exists, F, FloatField, Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import JobState

MOST_VIDEOS = 50
_KEPT_SECONDS = 60


@dataclass(frozen=True)
class PastVideo:
    """A video made from nothing. `minutes` is its length, `seconds` how long it took, `steps` each step's share of it.

    Steps that ran side by side count in full, so their seconds may come to more than the whole.
    """

    minutes: float
    seconds: float
    steps: Mapping[str, float] = field(default_factory=dict)


def past_videos() -> tuple[PastVideo, ...]:
    """Return the newest finished videos, 50 at most, as they were up to a minute ago.

    Two queries a minute a process.
    """
    found: Any = caches["process"].get_or_set("past_videos", _load, _KEPT_SECONDS)  # Any: caches are not typed
    return tuple(found)


def _load() -> tuple[PastVideo, ...]:
    jobs = list(_made_from_nothing()[:MOST_VIDEOS])
    steps = _seconds_of_steps([pk for pk, *_ in jobs])
    return tuple(
        PastVideo(minutes, _seconds(started, finished), steps.get(pk, {})) for pk, minutes, started, finished in jobs
    )


def _made_from_nothing() -> QuerySet[Job, Any]:  # Any: id, length in minutes, first start and end
    package = JobStep.objects.filter(job=OuterRef("pk"), step="package", part="")
    milliseconds = Cast(KeyTextTransform("duration_ms", "artifact__payload"), FloatField())
    length = package.annotate(milliseconds=milliseconds).values("milliseconds")
    whole: QuerySet[Job] = Job.objects.filter(state=JobState.READY, changed_scenes=0, started_at__isnull=False)
    reused = JobStep.objects.filter(job=OuterRef("pk"), reused=True)
    timed = whole.filter(~Exists(reused)).annotate(minutes=Subquery(length) / 60_000.0).filter(minutes__gt=0)
    return timed.order_by("-finished_at").values_list("pk", "minutes", "started_at", "finished_at")


def _seconds_of_steps(jobs: list[UUID]) -> dict[UUID, dict[str, float]]:
    rows = JobStep.objects.filter(job__in=jobs, started_at__isnull=False, finished_at__isnull=False).order_by()
    spans = rows.values("job_id", "step").annotate(begun=Min("started_at"), ended=Max("finished_at"))
    found: dict[UUID, dict[str, float]] = {}
    for job_id, step, begun, ended in spans.values_list("job_id", "step", F("begun"), F("ended")):
        found.setdefault(job_id, {})[step] = _seconds(begun, ended)
    return found


def _seconds(begun: datetime, ended: datetime) -> float:
    return max(0.0, (ended - begun).total_seconds())
