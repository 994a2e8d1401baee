"""How much is to be made before a new video has its turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import caches
from django.db.models import Count, QuerySet, Sum

from apps.pipeline.models import Job
from apps.pipeline.states import OPEN

_KEPT_SECONDS = 10


@dataclass(frozen=True)
class Load:
    """`videos` are open; what is left of them would make `videos_left` whole ones."""

    videos: int
    videos_left: float


def now() -> Load:
    """Return what is open at all, as it was up to ten seconds ago."""
    found = caches["process"].get_or_set("load", lambda: _load(Job.objects.all()), _KEPT_SECONDS)
    assert isinstance(found, Load)
    return found


def ahead_of(created_at: datetime) -> Load:
    """Return what is open and came earlier. One query."""
    return _load(Job.objects.filter(created_at__lt=created_at))


def _load(jobs: QuerySet[Job]) -> Load:
    found = jobs.filter(state__in=OPEN).aggregate(videos=Count("pk"), percent=Sum("progress"))
    return Load(found["videos"], found["videos"] - (found["percent"] or 0) / 100)
