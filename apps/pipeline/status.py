"""How far a job is, for those who ask every two seconds: two queries, however many scenes there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Max, Q

from apps.accounts.models import User
from apps.pipeline import catalogue, progress
from apps.pipeline.models import Job, JobStep
from apps.pipeline.queries import job_of
from apps.pipeline.states import StepState
from apps.pipeline.steps.base import Step


@dataclass(frozen=True)
class StepStatus:
    """One step. `name` is as in the job's status, `state` is a StepState, `progress` is in percent."""

    name: str
    state: str
    progress: int
    message: str


@dataclass(frozen=True)
class JobStatus:
    job: Job
    steps: tuple[StepStatus, ...]


def job_status(user: User, job_id: UUID) -> JobStatus:
    """Return one of the user's jobs with its steps in the pipeline's order. Raises NotFound."""
    job = job_of(user, job_id)
    rows = JobStep.objects.filter(job=job).order_by().values("step").annotate(**_FACTS)
    found = {row["step"]: row for row in rows}
    return JobStatus(
        job, tuple(_step_status(step, found[step.name]) for step in catalogue.steps() if step.name in found)
    )


_MAIN = Q(part="")
_FACTS = {
    "main_state": Max("state", filter=_MAIN),
    "own": Avg("progress", filter=_MAIN),
    "parts": Avg("progress", filter=~_MAIN),
    "failed": Count("pk", filter=Q(state=StepState.FAILED)),
    "begun": Count("pk", filter=~Q(state=StepState.WAITING)),
    "doing": Max("message", filter=Q(state=StepState.RUNNING)),
}


def _step_status(step: Step, row: Mapping[str, Any]) -> StepStatus:  # Any: a row of the facts above
    state = _state(row)
    share = progress.share_of_step(row["own"] or 0.0, row["parts"])
    return StepStatus(
        name=step.status,
        state=state,
        progress=100 if state == StepState.DONE else int(100 * share),
        message=row["doing"] or "",
    )


def _state(row: Mapping[str, Any]) -> StepState:  # Any: as above
    """What becomes of a part becomes of its step, although the row that joins the parts still waits."""
    if row["failed"]:
        return StepState.FAILED
    state = StepState(row["main_state"])
    return StepState.RUNNING if state == StepState.WAITING and row["begun"] else state
