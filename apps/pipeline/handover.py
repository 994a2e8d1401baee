"""What becomes ready when something is done: open the next rows, reuse what exists, finish the job.

Everything here runs under the job's row lock, inside the transaction that stores the result which made it possible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from apps.pipeline import artifacts, catalogue, queues
from apps.pipeline.codec import from_json, to_json
from apps.pipeline.contracts import Brief
from apps.pipeline.delivery import deliver
from apps.pipeline.models import Artifact, Job, JobStep
from apps.pipeline.provision import provider_for
from apps.pipeline.states import StepState
from apps.pipeline.steps.base import Inputs, Step

# Rows of one step are numbered from a multiple of this; the step's own row comes after its parts.
_STEP_STRIDE = 10_000

_FILLED = ("queue", "state", "due_at", "request", "key", "artifact", "reused", "progress", "finished_at")


def open_job(job: Job, presets: Mapping[str, Artifact]) -> list[int]:
    """Create the rows of a new job and return the ids of those that are ready.

    `presets` are results given from the start, by step name: the edited script of a remake.
    """
    JobStep.objects.bulk_create(
        JobStep(
            job=job,
            step=step.name,
            ordinal=(number + 1) * _STEP_STRIDE - 1,
            queue=queues.served(step.queue),
            max_attempts=step.retry.attempts,
            turn=job.turn,
            created_at=job.created_at,
        )
        for number, step in enumerate(catalogue.steps())
    )
    for name, artifact in presets.items():
        JobStep.objects.filter(job=job, step=name, part="").update(
            state=StepState.DONE, artifact=artifact, reused=True, progress=1.0, finished_at=timezone.now()
        )
    return advance(job)


def advance(job: Job) -> list[int]:
    """Open every row that has become ready; return the ids of those to be worked on. Deliver a job that is complete."""
    board = _Board(job)
    opened: list[int] = []
    for number, step in enumerate(catalogue.steps()):
        if board.main[step.name].state == StepState.WAITING and board.all_done(step.reads):
            opened += _open_step(board, step, first_ordinal=number * _STEP_STRIDE)
    _publish_status(board)
    return opened


class _Board:
    """The job's rows as they are now; requests stay in the database."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.brief = from_json(job.brief, Brief)
        self.main: dict[str, JobStep] = {}
        self.parts: dict[str, list[JobStep]] = defaultdict(list)
        for row in JobStep.objects.filter(job=job).defer("request").order_by("ordinal"):
            if row.part:
                self.parts[row.step].append(row)
            else:
                self.main[row.step] = row

    def all_done(self, step_names: Sequence[str]) -> bool:
        return all(self.main[name].state == StepState.DONE for name in step_names)

    def inputs(self, step: Step) -> Inputs:
        brief = {field.name: getattr(self.brief, field.name) for field in fields(Brief) if field.name in step.uses}
        contracts = {name: self.result(catalogue.step_named(name)) for name in step.reads}
        parts: dict[str, Any] = {}  # Any: the step's part results
        if step.part_result is not None and self.parts[step.name]:
            stored = Artifact.objects.in_bulk([row.artifact_id for row in self.parts[step.name]])
            parts = {
                row.part: from_json(stored[row.artifact_id].payload, step.part_result) for row in self.parts[step.name]
            }
        return Inputs(brief=brief, contracts=contracts, parts=parts)

    def result(self, step: Step) -> Any:  # Any: the contract of that step
        artifact = self.main[step.name].artifact
        assert artifact is not None
        return from_json(artifact.payload, step.result)


def _open_step(board: _Board, step: Step, *, first_ordinal: int) -> list[int]:
    opened: list[int] = []
    if step.part_result is not None and not board.parts[step.name]:
        board.parts[step.name] = _create_parts(board, step, first_ordinal)
        opened += [row.pk for row in board.parts[step.name] if row.state == StepState.QUEUED]
    if all(row.state == StepState.DONE for row in board.parts[step.name]):
        row = board.main[step.name]
        _fill(board, step, row, step.request(board.inputs(step)))
        row.save(update_fields=_FILLED)
        opened += [row.pk] if row.state == StepState.QUEUED else []
    return opened


def _create_parts(board: _Board, step: Step, first_ordinal: int) -> list[JobStep]:
    requests = step.parts(board.inputs(step))
    rows = []
    for number, (part, request) in enumerate(requests.items()):
        row = JobStep(
            job=board.job,
            step=step.name,
            part=part,
            ordinal=first_ordinal + number,
            queue=queues.served(step.queue),
            max_attempts=step.retry.attempts,
            turn=board.job.turn,
            created_at=board.job.created_at,
        )
        _fill(board, step, row, request)
        rows.append(row)
    return JobStep.objects.bulk_create(rows)


def _fill(board: _Board, step: Step, row: JobStep, request: object) -> None:
    """Give the row its request and key, and its result when that exists already."""
    provider = provider_for(step, board.brief)
    identity = provider.identity if provider else ""
    row.key = artifacts.work_key(board.job, step, row.part, request, identity)
    row.queue = queues.VENDORS if _waits_for_vendors(step, row, provider) else queues.served(step.queue)
    row.artifact = artifacts.take_over_artifact(board.job, step, row.key)
    row.reused = row.artifact is not None
    if row.reused:
        row.state, row.progress, row.finished_at = StepState.DONE, 1.0, timezone.now()
    else:
        # By the database's clock, which whoever claims it goes by.
        row.state, row.due_at, row.request = StepState.QUEUED, Now(), to_json(request)


def _waits_for_vendors(step: Step, row: JobStep, provider: Any) -> bool:  # Any: a provider, or None
    """Return whether the row is one for the vendors' queue; putting together what the parts made is work for a core."""
    if step.takes_no_time:
        return queues.VENDORS in settings.QUEUES
    is_join = step.part_result is not None and not row.part
    return getattr(provider, "is_remote", False) and not is_join


def _publish_status(board: _Board) -> None:
    unfinished = [step for step in catalogue.steps() if board.main[step.name].state != StepState.DONE]
    if unfinished:
        other = Job.objects.filter(pk=board.job.pk).exclude(step=unfinished[0].status)
        other.update(step=unfinished[0].status, status_message="")
        return
    last = catalogue.steps()[-1]
    deliver(board.job, board.result(last))
