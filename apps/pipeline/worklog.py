"""What was done for a job, row by row, for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.pipeline.models import JobStep, ProviderCall, StepAttempt


@dataclass(frozen=True)
class WorkRow:
    """One row of work: its starts, and what it asked of providers. Costs are in millionths of a US dollar."""

    step: str
    part: str
    state: str
    reused: bool
    attempts: Sequence[StepAttempt]
    calls: Sequence[ProviderCall]
    seconds: float | None
    cpu_seconds: float
    cost_micro_usd: int
    error_code: str


@dataclass(frozen=True)
class Work:
    """All rows of a job and what they cost together, in millionths of a US dollar."""

    rows: Sequence[WorkRow]
    cost_micro_usd: int


def work_of(job_id: UUID) -> Work:
    """Return the work done for the job, in the pipeline's order. Three queries, however many scenes there are."""
    found = JobStep.objects.filter(job_id=job_id).defer("request").order_by("ordinal")
    rows = [_work_row(row) for row in found.prefetch_related("attempts", "provider_calls")]
    return Work(rows=rows, cost_micro_usd=sum(row.cost_micro_usd for row in rows))


def _work_row(row: JobStep) -> WorkRow:
    attempts, calls = list(row.attempts.all()), list(row.provider_calls.all())
    return WorkRow(
        step=row.step,
        part=row.part,
        state=row.state,
        reused=row.reused,
        attempts=sorted(attempts, key=lambda attempt: attempt.fence),
        calls=sorted(calls, key=lambda call: call.started_at),
        seconds=_seconds(row.started_at, row.finished_at),
        cpu_seconds=sum(attempt.cpu_seconds for attempt in attempts),
        cost_micro_usd=sum(call.cost_micro_usd for call in calls),
        error_code=row.error_code,
    )


def _seconds(begun: datetime | None, ended: datetime | None) -> float | None:
    return (ended - begun).total_seconds() if begun and ended else None
