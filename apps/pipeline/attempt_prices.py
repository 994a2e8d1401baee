"""What an attempt to make a video sets aside: the same for the button that names it and the action that does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.billing import prices
from apps.pipeline import quotes
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Brief
from apps.pipeline.models import Job, Project
from apps.pipeline.queries import are_files_gone
from apps.pipeline.states import JobState


@dataclass(frozen=True)
class AttemptPrice:
    """Credits: `price` for the video or the changed scenes, `reserved` what of it is not paid yet."""

    price: int
    reserved: int


def price_of_attempt(project: Project, brief: Brief, *, changed_scenes: int) -> AttemptPrice:
    """Return what starting the project's video now would set aside. One query, none for changed scenes."""
    if changed_scenes:
        price = prices.price_of_scenes(changed_scenes)
        return AttemptPrice(price, price)
    price = quotes.quote_brief(brief).credits
    return AttemptPrice(price, max(0, price - _kept_before(project)))


def price_of_retry(job: Job) -> int:
    """Return the credits that trying this ended job again would set aside. At most two queries."""
    brief = from_json(job.brief, Brief)
    # Without its files it is made again as a whole.
    changed_scenes = 0 if job.changed_scenes and are_files_gone(job.project_id) else job.changed_scenes
    return price_of_attempt(job.project, brief, changed_scenes=changed_scenes).reserved


def _kept_before(project: Project) -> int:
    """What stopped jobs kept since the video was last finished: part of its price, and not paid twice."""
    ready = Job.objects.filter(project=project, state=JobState.READY).order_by("-created_at")
    last_ready = Coalesce(Subquery(ready.values("created_at")[:1]), Value(datetime.min.replace(tzinfo=UTC)))
    stopped = Job.objects.filter(project=project, state=JobState.CANCELED, changed_scenes=0, created_at__gt=last_ready)
    kept: int = stopped.aggregate(kept=Sum("cost"))["kept"] or 0
    return kept
