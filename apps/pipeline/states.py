"""The states of jobs and of their steps, the moves that are allowed, and the one way to make them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from apps.pipeline import turns


class JobState(models.TextChoices):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class StepState(models.TextChoices):
    WAITING = "WAITING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


TERMINAL: tuple[JobState, ...] = (JobState.READY, JobState.FAILED, JobState.CANCELED)
OPEN: tuple[JobState, ...] = (JobState.QUEUED, JobState.RUNNING)
UNFINISHED_STEPS: tuple[StepState, ...] = (StepState.WAITING, StepState.QUEUED, StepState.RUNNING)

_ALLOWED: dict[JobState, tuple[JobState, ...]] = {
    JobState.RUNNING: (JobState.QUEUED,),
    JobState.READY: OPEN,
    JobState.FAILED: OPEN,
    JobState.CANCELED: OPEN,
}


class MoveRefused(Exception):
    """The job is not in a state from which this move is allowed: someone else was first."""


def move(job_id: UUID, to: JobState, *, at: datetime, **fields: Any) -> None:  # Any: values of Job's own columns
    """Change a job's state in one UPDATE that names the old ones. Raises MoveRefused when no row was in one of them."""
    if to in TERMINAL:
        fields["finished_at"] = at
    # By name, because the models take their choices from this module.
    jobs = apps.get_model("pipeline", "Job")._default_manager
    moved = jobs.filter(pk=job_id, state__in=_ALLOWED[to]).update(state=to, **fields)
    if moved != 1:
        raise MoveRefused(f"job {job_id} cannot become {to}")
    if to in TERMINAL:
        turns.note_ended(job_id)
