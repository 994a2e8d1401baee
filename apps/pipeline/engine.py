"""Claim, lease, fence: how exactly one worker at a time works on a row of `job_steps`, whoever dies.

A claim raises `fence` and `attempt` and sets a lease by the database's clock. Every later write names the fence; a
worker whose lease was taken over hits no row and gets LeaseLost. The engine knows no step and imports no queue.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from apps.pipeline.models import JobStep, StepAttempt
from apps.pipeline.states import UNFINISHED_STEPS, StepState

_CLAIMABLE = """
    attempt < max_attempts AND (
        (state = 'QUEUED' AND due_at <= clock_timestamp()) OR (state = 'RUNNING' AND lease_until < clock_timestamp())
    )"""
_TAKE = """
    UPDATE job_steps
    SET state = 'RUNNING', fence = fence + 1, attempt = attempt + 1, worker = %(worker)s,
        lease_until = clock_timestamp() + %(lease)s * interval '1 second',
        started_at = COALESCE(started_at, clock_timestamp())
    WHERE {which}
    RETURNING id, job_id, fence, attempt, max_attempts"""
# The condition stands twice: a row that changed between the choice and its lock must be judged as it is now.
_CLAIM_ONE = _TAKE.format(which=f"id = %(row_id)s AND {_CLAIMABLE}")
NEXT_ROW = f"""
        SELECT id FROM job_steps WHERE queue = %(queue)s AND {_CLAIMABLE}
        ORDER BY turn, created_at, ordinal LIMIT 1 FOR UPDATE SKIP LOCKED"""  # noqa: S608 - built from constants
_CLAIM_NEXT = _TAKE.format(which=f"id = ({NEXT_ROW}) AND {_CLAIMABLE}")
# A start after which a unit was stored counts for nothing already.
_ONE_START_LESS = Greatest(F("attempt") - 1, 0)
# A beat that has nothing to tell only looks, until a quarter of the lease has gone by.
_RENEW = """
    WITH held AS (
        SELECT FROM job_steps WHERE id = %(row_id)s AND fence = %(fence)s AND state = 'RUNNING'
    ), renewed AS (
        UPDATE job_steps
        SET lease_until = clock_timestamp() + %(lease)s * interval '1 second',
            progress = GREATEST(progress, %(progress)s), message = %(message)s
        WHERE id = %(row_id)s AND fence = %(fence)s AND state = 'RUNNING'
            AND (%(tells)s OR lease_until < clock_timestamp() + 0.75 * %(lease)s * interval '1 second')
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM held), EXISTS (SELECT FROM renewed)"""


class LeaseLost(Exception):
    """Another worker took the row over, or its job ended: nothing of this attempt may be written."""


@dataclass(frozen=True)
class Claim:
    """The right to work on one row until the lease ends."""

    row_id: int
    job_id: UUID
    fence: int
    attempt: int
    max_attempts: int
    worker: str
    span_id: str


def claim(row_id: int, *, worker: str) -> Claim | None:
    """Take the row if it is ready or its worker fell silent; None when there is nothing to do."""
    return _take(_CLAIM_ONE, worker=worker, row_id=row_id)


def claim_next(queue: str, *, worker: str) -> Claim | None:
    """Take the row of `queue` whose turn it is, of those that are ready or whose worker fell silent."""
    return _take(_CLAIM_NEXT, worker=worker, queue=queue)


def renew(claim: Claim, *, progress: float = 0.0, message: str = "", tells: bool = True) -> bool:
    """Extend the lease and note the progress; without news (`tells`) only once a quarter of the lease is gone.

    Returns whether it was extended. Raises LeaseLost.
    """
    parameters: dict[str, int | float | str] = {
        "lease": settings.LEASE_SECONDS,
        "progress": progress,
        "message": message[:200],
        "tells": tells,
        "row_id": claim.row_id,
        "fence": claim.fence,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, parameters)
        is_held, is_renewed = cursor.fetchone()
    if not is_held:
        raise LeaseLost(f"row {claim.row_id}")
    return bool(is_renewed)


def note_stored_unit(claim: Claim) -> None:
    """Start counting attempts anew: something finished was stored. Raises LeaseLost."""
    _fenced_update(claim, attempt=0)


def finish(claim: Claim, *, artifact_id: UUID, at: datetime) -> None:
    """Record the row's result. Call it inside the transaction that hands over. Raises LeaseLost."""
    _fenced_update(
        claim,
        state=StepState.DONE,
        lease_until=None,
        artifact_id=artifact_id,
        attempt=0,
        progress=1.0,
        finished_at=at,
    )


def is_held(claim: Claim) -> bool:
    """Tell whether the row is still this claim's to work on."""
    return JobStep.objects.filter(pk=claim.row_id, fence=claim.fence, state=StepState.RUNNING).exists()


def is_done(claim: Claim) -> bool:
    """Tell whether the row was finished under this claim: the answer to its commit may have been lost."""
    return JobStep.objects.filter(pk=claim.row_id, fence=claim.fence, state=StepState.DONE).exists()


def postpone(claim: Claim, *, wait: timedelta, counts: bool, error_code: str) -> None:
    """Put the row back for that time; `counts` says whether this start used up an attempt. Raises LeaseLost."""
    _fenced_update(
        claim,
        state=StepState.QUEUED,
        lease_until=None,
        due_at=Now() + wait,
        hinted_at=None,
        error_code=error_code,
        attempt=F("attempt") if counts else _ONE_START_LESS,
    )


def fail(claim: Claim, *, error_code: str, at: datetime) -> None:
    """Record that the row cannot be made. Raises LeaseLost."""
    _fenced_update(claim, state=StepState.FAILED, lease_until=None, error_code=error_code, finished_at=at)


def cancel_unfinished(job_id: UUID, *, at: datetime) -> int:
    """End every unfinished row of a job; raising the fence makes its workers notice. Returns how many there were."""
    return JobStep.objects.filter(job_id=job_id, state__in=UNFINISHED_STEPS).update(
        state=StepState.CANCELED, lease_until=None, fence=F("fence") + 1, finished_at=at
    )


def release_service(service: str, *, culprits: Collection[str] = ()) -> int:
    """Give back what the processes of a stopped worker service held. Returns how many rows were given back.

    Processes are named `service`/pid. The start of a `culprit`, which died by itself, counts; its row is free at once.
    The others were stopped without fault: their start does not count.
    """
    with transaction.atomic():
        held = JobStep.objects.filter(worker__startswith=f"{service}/", state=StepState.RUNNING)
        held.filter(worker__in=culprits).update(lease_until=Now(), hinted_at=None)
        # A lease that is over belongs to nobody any more: to an earlier culprit perhaps, whose start counts.
        innocent = held.exclude(worker__in=culprits).filter(lease_until__gt=Now())
        StepAttempt.objects.filter(job_step__in=innocent, worker=F("job_step__worker"), outcome="").update(
            outcome="RELEASED", finished_at=timezone.now()
        )
        return innocent.update(
            state=StepState.QUEUED, lease_until=None, fence=F("fence") + 1, attempt=_ONE_START_LESS, hinted_at=None
        )


def attempts_used(claim: Claim) -> int:
    """Return how many starts the row has had since its last stored unit, this one included. Raises LeaseLost."""
    held = JobStep.objects.filter(pk=claim.row_id, fence=claim.fence, state=StepState.RUNNING)
    attempt = held.values_list("attempt", flat=True).first()
    if attempt is None:
        raise LeaseLost(f"row {claim.row_id}")
    return attempt


def close_attempt(claim: Claim, *, outcome: str, cpu_seconds: float, error_code: str = "", detail: str = "") -> None:
    """Write down how the attempt ended, also where whoever took the row over believed it lost."""
    StepAttempt.objects.filter(job_step_id=claim.row_id, fence=claim.fence).update(
        outcome=outcome,
        cpu_seconds=cpu_seconds,
        error_code=error_code,
        detail=detail[:4000],
        finished_at=timezone.now(),
    )


def _take(sql: str, *, worker: str, **which: int | str) -> Claim | None:
    parameters: dict[str, int | str] = {"worker": worker, "lease": settings.LEASE_SECONDS, **which}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
        if row is None:
            return None
        row_id, job_id, fence, attempt, max_attempts = row
        claimed = Claim(row_id, job_id, fence, attempt, max_attempts, worker, secrets.token_hex(8))
        _open_attempt(claimed)
        return claimed


def _open_attempt(claim: Claim) -> None:
    now = timezone.now()
    StepAttempt.objects.filter(job_step_id=claim.row_id, outcome="").update(outcome="LOST", finished_at=now)
    StepAttempt.objects.create(
        job_step_id=claim.row_id, fence=claim.fence, span_id=claim.span_id, worker=claim.worker, started_at=now
    )


def _fenced_update(claim: Claim, **fields: Any) -> None:  # Any: values of JobStep's own columns
    held = JobStep.objects.filter(pk=claim.row_id, fence=claim.fence, state=StepState.RUNNING)
    if held.update(**fields) != 1:
        raise LeaseLost(f"row {claim.row_id}")
