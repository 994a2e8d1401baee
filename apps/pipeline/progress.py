"""How much of a job is done: what is done of each step, by how long each usually takes. It never goes back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Case, F, Q, When
from django.db.models.functions import Greatest, Now

from apps.pipeline import catalogue, estimates
from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import JobState

# The last percent belongs to a file that plays.
_MOST_WHILE_RUNNING = 99


def percent(shares: dict[str, tuple[float, float | None]]) -> int:
    """Return 0 to 99 from each step's own share and the mean share of its parts."""
    # Which share of the whole a step is does not depend on the length.
    seconds = estimates.estimate_for(minutes=1.0).steps
    done = sum(seconds[step.name] * share_of_step(*shares.get(step.name, (0.0, None))) for step in catalogue.steps())
    return min(int(100 * done / (sum(seconds.values()) or 1.0)), _MOST_WHILE_RUNNING)


def share_of_step(own: float, parts: float | None) -> float:
    """Return how much of one step is done, 0 to 1, from its own share and the mean share of its parts, if it has any.

    Parts count for nine tenths and the step's own row, which joins them, for the rest.
    """
    return own if parts is None else 0.9 * parts + 0.1 * own


def refresh(job_id: UUID, message: str) -> None:
    """Publish the job's progress, and what is being done now where that is said; a finished job is left alone."""
    rows = JobStep.objects.filter(job_id=job_id).order_by().values("step")
    means = rows.annotate(own=Avg("progress", filter=Q(part="")), parts=Avg("progress", filter=~Q(part="")))
    shares = {row["step"]: (row["own"] or 0.0, row["parts"]) for row in means}
    now_done = percent(shares)
    # A job that is being handed over is locked for a while; its progress can wait, a pulse cannot.
    with transaction.atomic():
        is_news = Q(progress__lt=now_done)
        if message:
            is_news |= ~Q(status_message=message[:200])
        running = Job.objects.filter(is_news, pk=job_id, state=JobState.RUNNING)
        free = running.select_for_update(skip_locked=True)
        Job.objects.filter(pk__in=free.values("pk")).update(
            moved_at=Case(When(progress__lt=now_done, then=Now()), default=F("moved_at")),
            progress=Greatest("progress", now_done),
            **({"status_message": message[:200]} if message else {}),
        )
