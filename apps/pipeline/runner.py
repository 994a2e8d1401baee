"""Run one unit of work: claim it, make it, store it, hand over. The only place that decides what a failure means."""

from __future__ import annotations

import errno
import os
import random
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from msgspec import ValidationError

from apps.pipeline import artifacts, catalogue, draining, engine, failures, handover, hints, outages
from apps.pipeline.calls import recorded
from apps.pipeline.codec import from_json
from apps.pipeline.context import Pulse, StepContext
from apps.pipeline.contracts import Brief
from apps.pipeline.engine import Claim, LeaseLost
from apps.pipeline.models import Job, JobStep, Project, WorkerBeat
from apps.pipeline.providers.errors import PipelineError, RateLimited, Rejected, Transient
from apps.pipeline.providers.registry import UnknownProvider
from apps.pipeline.provision import moderator_for, provider_for
from apps.pipeline.scratch import scratch_folder
from apps.pipeline.settlement import settle_failed
from apps.pipeline.states import JobState, MoveRefused, StepState, move
from apps.pipeline.steps.base import Context, Step, Stopped
from canvascast.logs import get_logger
from canvascast.storages import is_disk_full

log = get_logger("runner")

# A woken worker goes on with whatever is ready, but returns to the queue now and then.
_MOST_ROWS_A_HINT = 200
_MOST_BACKOFF_SECONDS = 60.0
# A moment that a vendor names is believed within these bounds.
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(milliseconds=100), timedelta(hours=1)
_LONGEST_PATIENCE = timedelta(hours=6)
# A row that this code cannot read is another version's to make: one of the two is about to be replaced.
_OTHER_VERSION = "other_version"
_NOT_SET_UP = "provider_not_set_up"
_ANOTHER_LOOK = timedelta(seconds=10)
_LONGEST_ROLLOUT = timedelta(minutes=15)
_SHORT = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})


def worker_name() -> str:
    """Return the name under which this process holds leases: its service's name and its own pid."""
    return f"{settings.WORKER_NAME or socket.gethostname()}/{os.getpid()}"


def work_from(row_id: int) -> int:
    """Work on what is ready in the row's queue, in the order of turns; a cluster that drains begins nothing.

    Returns how many units were worked on.
    """
    queue = JobStep.objects.filter(pk=row_id).values_list("queue", flat=True).first()
    if queue is None:
        return 0
    worked = 0
    while worked <= _MOST_ROWS_A_HINT and not draining.is_asked():
        # Not the row itself: another user's may have the turn before it.
        claim = engine.claim_next(queue, worker=worker_name())
        if claim is None:
            break
        execute(claim)
        worked += 1
    return worked


def execute(claim: Claim) -> None:
    """Work on one claimed row to its end, whatever that is."""
    row = outages.outlast(lambda: JobStep.objects.select_related("job").get(pk=claim.row_id))
    try:
        step = catalogue.step_named(row.step)
    except KeyError:
        step = _UnknownStep(row.step)
    bound = {
        "traceId": str(claim.job_id),
        "spanId": claim.span_id,
        "parentSpanId": claim.job_id.hex[:16],
        "userId": str(row.job.user_id),
        "step": step.name,
        "part": row.part,
    }
    with structlog.contextvars.bound_contextvars(**bound):
        with suppress(MoveRefused):
            outages.outlast(lambda: move(claim.job_id, JobState.RUNNING, at=timezone.now(), started_at=timezone.now()))
        log.info("started", attempt=claim.attempt)
        meter = _Meter()
        try:
            _make_and_commit(claim, row, step)
            outages.outlast(lambda: _close(claim, meter, "DONE"))
        except (Stopped, LeaseLost):
            _close_stopped(claim, meter)
        except Exception as error:  # noqa: BLE001 - the one place that turns any failure into an outcome
            failure = _as_pipeline_error(error)
            try:
                outages.outlast(lambda: _settle_failure(claim, row, step, failure, meter))
            except LeaseLost:
                # It failed just as somebody stopped it, or the answer to what settled it was lost.
                _close_stopped(claim, meter)


def fail_job(job_id: object, *, failed_step: str, code: str, sentence: str) -> None:
    """End a job as failed with everything it still had open; its credits come back.

    Raises MoveRefused when it has ended already.
    """
    now = timezone.now()
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        move(job.pk, JobState.FAILED, at=now, failed_step=failed_step, error_code=code, error_message=sentence, step="")
        settle_failed(job, code=code, sentence=sentence, at=now)
        engine.cancel_unfinished(job.pk, at=now)


def _make_and_commit(claim: Claim, row: JobStep, step: Step) -> None:
    brief: Brief = _read(row.job.brief, Brief)
    provider, moderator = provider_for(step, brief), moderator_for(step)
    with scratch_folder() as scratch, _pulse(claim, step) as pulse:
        context = StepContext(
            job=row.job,
            step=step,
            claim=claim,
            provider=provider and recorded(provider, step.capability or "", claim, pulse.is_over),
            moderator=moderator and recorded(moderator, "moderator", claim, pulse.is_over),
            scratch=scratch,
            pulse=pulse,
        )
        result = _make(row, step, context)
    outages.outlast(lambda: _commit(claim, row, step, result, provider.name if provider else ""))


@transaction.atomic
def _commit(claim: Claim, row: JobStep, step: Step, result: object, provider: str) -> None:
    # The project before its job, as whoever deletes it does: a delivery may name the project.
    Project.objects.select_for_update(no_key=True).get(pk=row.job.project_id)
    job = Job.objects.select_for_update().get(pk=claim.job_id)
    artifact = artifacts.keep_artifact(job, step, row.part, row.key, result, provider)
    engine.finish(claim, artifact_id=artifact.pk, at=timezone.now())
    if not _has_unfinished_siblings(row):
        hints.send_hints(handover.advance(job))


def _make(row: JobStep, step: Step, context: StepContext) -> object:
    kind, make = (step.part_request_type, step.make_part) if row.part else (step.request_type, step.make)
    if kind is None:
        raise Transient(_OTHER_VERSION, f"{step.name} has no parts")
    return make(_read(row.request, kind), context)


def _read(stored: object, kind: type[Any]) -> Any:  # Any: of that kind
    """Raises Transient for what only another version of the code can read: the work waits for it."""
    try:
        return from_json(stored, kind)
    except ValidationError as error:
        raise Transient(_OTHER_VERSION, str(error)) from error


class _UnknownStep(Step):
    """Stands for a step that is not in this code's pipeline."""

    request_type = dict
    part_request_type = dict

    def __init__(self, name: str) -> None:
        self.name, self.status = name, name.upper()

    def make(self, request: Any, context: Context) -> object:  # Any: as in Step
        raise Transient(_OTHER_VERSION, f"there is no step {self.name}")

    make_part = make


def _has_unfinished_siblings(row: JobStep) -> bool:
    if not row.part:
        return False
    siblings = JobStep.objects.filter(job_id=row.job_id, step=row.step).exclude(part="")
    return siblings.exclude(state=StepState.DONE).exists()


@contextmanager
def _pulse(claim: Claim, step: Step) -> Iterator[Pulse]:
    pulse = Pulse(claim, step.timeout_seconds)
    pulse.start()
    try:
        yield pulse
    except Exception as error:
        if pulse.overdue.is_set():
            raise Transient("step_timeout") from error
        if pulse.is_cut_off.is_set():
            raise Transient(outages.CODE) from error
        if pulse.lost.is_set():
            raise LeaseLost(f"row {claim.row_id}") from error
        raise
    finally:
        pulse.stop()


def _settle_failure(claim: Claim, row: JobStep, step: Step, error: Exception, meter: _Meter) -> None:
    attempt = engine.attempts_used(claim)
    if isinstance(error, UnknownProvider) and _may_be_known_elsewhere(row):
        error = Transient(_NOT_SET_UP, str(error))
    may_wait = isinstance(error, Transient) and _may_wait(error, row)
    if isinstance(error, Transient) and (may_wait or attempt < claim.max_attempts):
        wait = _wait_for(error, step, attempt)
        engine.postpone(claim, wait=wait, counts=not may_wait, error_code=error.code)
        log.info("retried", error_code=error.code, duration=meter.wall_seconds())
        _close(claim, meter, "RETRIED", error.code, str(error))
        return
    code = error.code if isinstance(error, PipelineError) else "internal"
    own_words = error.sentence if isinstance(error, Rejected) else ""
    sentence = failures.message(failed_step=step.status, part=row.part, code=code, sentence=own_words)
    if failures.failure_of(code).kind is failures.Kind.OURS:
        log.error("failed", exc_info=error, error_code=code, duration=meter.wall_seconds())
    else:
        log.warning("failed", error_code=code, duration=meter.wall_seconds())
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=claim.job_id)
        engine.fail(claim, error_code=code, at=timezone.now())
        fail_job(claim.job_id, failed_step=step.status, code=code, sentence=sentence)
    _close(claim, meter, "FAILED", code, str(error))


def _may_wait(error: Transient, row: JobStep) -> bool:
    """Outages, rows of another version and moments that a service names use up no attempt; nobody waits for days."""
    waits = (outages.CODE, _OTHER_VERSION, _NOT_SET_UP)
    is_no_fault_of_the_work = isinstance(error, RateLimited) or error.code in waits
    return is_no_fault_of_the_work and _age(row) < _LONGEST_PATIENCE


def _may_be_known_elsewhere(row: JobStep) -> bool:
    """Keys of a vendor come to one machine after the other: for a while another one may have what this one has not."""
    others = WorkerBeat.objects.alive(with_draining=True).exclude(host=socket.gethostname()[:100])
    return _age(row) < _LONGEST_ROLLOUT and others.exists()


def _age(row: JobStep) -> timedelta:
    return timezone.now() - (row.started_at or timezone.now())


def _wait_for(error: Transient, step: Step, attempt: int) -> timedelta:
    if isinstance(error, RateLimited):
        return min(max(error.after - timezone.now(), _SHORTEST_WAIT), _LONGEST_WAIT)
    if error.code in (_OTHER_VERSION, _NOT_SET_UP):
        return _ANOTHER_LOOK
    wait = min(step.retry.backoff_seconds * 2 ** max(attempt - 1, 0), _MOST_BACKOFF_SECONDS)
    return timedelta(seconds=wait * random.uniform(0.5, 1.0))


def _as_pipeline_error(error: Exception) -> Exception:
    if is_disk_full(error):
        return Transient("disk_full", str(error))
    if isinstance(error, OperationalError | InterfaceError):
        connection.close_if_unusable_or_obsolete()
        return Transient(outages.CODE, str(error))
    if _is_machine_short(error):
        return Transient("child_killed", str(error))
    return error


def _is_machine_short(error: Exception) -> bool:
    """Tell whether the machine had no process, thread, file handle or memory left to give."""
    if isinstance(error, RuntimeError):
        return "start new thread" in str(error)
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _SHORT)


def _close(claim: Claim, meter: _Meter, outcome: str, code: str = "", detail: str = "") -> None:
    engine.close_attempt(claim, outcome=outcome, cpu_seconds=meter.cpu_seconds(), error_code=code, detail=detail)
    if outcome == "DONE":
        log.info("succeeded", duration=meter.wall_seconds(), cpu_seconds=meter.cpu_seconds())


def _close_stopped(claim: Claim, meter: _Meter) -> None:
    log.info("stopped", duration=meter.wall_seconds())
    outages.outlast(lambda: _close(claim, meter, "DONE" if engine.is_done(claim) else "STOPPED"))


class _Meter:
    """Wall and CPU time of this process and its ended children since it was made."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = _cpu_now()

    def wall_seconds(self) -> float:
        return round(time.monotonic() - self._wall, 3)

    def cpu_seconds(self) -> float:
        return round(_cpu_now() - self._cpu, 3)


def _cpu_now() -> float:
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
