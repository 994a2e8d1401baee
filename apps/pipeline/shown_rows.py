"""A job's rows of work as its page needs them: one query, however many scenes there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, F, When
from django.db.models.fields.json import KeyTextTransform

from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import StepState


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row. `picture` is the content hash of a drawn picture, else None."""

    step: str
    part: str
    state: str
    error_code: str
    progress: float
    message: str
    reused: bool
    started_at: datetime | None
    finished_at: datetime | None
    due_at: datetime
    artifact_id: UUID | None
    picture: str | None

    @property
    def is_done(self) -> bool:
        return self.state == StepState.DONE

    @property
    def is_running(self) -> bool:
        return self.state == StepState.RUNNING

    @property
    def is_failed(self) -> bool:
        return self.state == StepState.FAILED

    @property
    def is_tried_again(self) -> bool:
        return self.state in (StepState.QUEUED, StepState.RUNNING) and bool(self.error_code)


_COLUMNS = (
    "step",
    "part",
    "state",
    "error_code",
    "progress",
    "message",
    "reused",
    "started_at",
    "finished_at",
    "due_at",
    "artifact_id",
)
_IMAGE = KeyTextTransform("sha256", KeyTextTransform("image", F("artifact__payload")))


def shown_rows(job: Job) -> tuple[ShownRow, ...]:
    """Return the job's rows in the pipeline's order."""
    picture = Case(When(step="images", state=StepState.DONE, then=_IMAGE))
    rows = JobStep.objects.filter(job=job).annotate(picture=picture).order_by("ordinal")
    return tuple(ShownRow(*row) for row in rows.values_list(*_COLUMNS, "picture"))


def main_row(rows: Sequence[ShownRow], step: str) -> ShownRow | None:
    """Return the step's own row, or None while the job has none."""
    return next((row for row in rows if row.step == step and not row.part), None)


def parts_of(rows: Sequence[ShownRow], step: str) -> list[ShownRow]:
    """Return the step's parts, in the order of the scenes."""
    return [row for row in rows if row.step == step and row.part]


def done_steps(rows: Sequence[ShownRow]) -> set[str]:
    """Return the steps of which every row is done."""
    return {row.step for row in rows} - {row.step for row in rows if not row.is_done}


def results_of(rows: Sequence[ShownRow]) -> dict[str, UUID]:
    """Return the artifact of each step of which every row is done."""
    done = done_steps(rows)
    return {row.step: row.artifact_id for row in rows if not row.part and row.step in done and row.artifact_id}
