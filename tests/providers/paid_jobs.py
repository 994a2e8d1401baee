"""Whole jobs before a vendor's server: ordered, worked on to their end, and what was asked and credited on the way."""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from apps.accounts.models import User
from apps.billing import queries as billing
from apps.billing.models import LedgerEntry
from apps.pipeline import runner
from apps.pipeline.contracts import VoiceChoice
from apps.pipeline.models import Job, JobStep, ProviderCall
from apps.pipeline.states import JobState, StepState
from tests.engine.conftest import brief, start_brief

EMBEDDED_VOICE = VoiceChoice("espeak", "en-us")


def ordered(owner: User, voice: VoiceChoice = EMBEDDED_VOICE) -> Job:
    return start_brief(owner, replace(brief("Cats purr"), voice=voice))


def run(job: Job) -> Job:
    """Work on whatever is ready, in whichever queue, until the job ends; nobody waits for a moment that was named."""
    for _ in range(60):
        open_rows = JobStep.objects.filter(job=job, state=StepState.QUEUED)
        open_rows.update(due_at=timezone.now())
        for row_id in open_rows.values_list("pk", flat=True):
            runner.work_from(row_id)
        job.refresh_from_db()
        if job.is_finished:
            return job
    raise AssertionError(f"{job} did not end")


def assert_ready(job: Job) -> None:
    """Hold that the video was made and its reservation charged."""
    assert (job.state, job.error_code, settled_as(job)) == (JobState.READY, "", ["RESERVE", "FINALIZE"])


def assert_failed(job: Job, code: str, step: str) -> None:
    """Hold that the video failed at `step` with `code`, cost nothing, and gave all its credits back."""
    balance = billing.balance(job.user_id)
    assert (job.state, job.error_code, job.failed_step, job.cost) == (JobState.FAILED, code, step, 0)
    assert (balance.available, balance.held, settled_as(job)) == (1_000, 0, ["RESERVE", "RELEASE"])


def settled_as(job: Job) -> list[str]:
    """Return the kinds of the job's movements of credits, in order."""
    return list(LedgerEntry.objects.filter(job_id=job.pk).order_by("seq").values_list("kind", flat=True))


def states(capability: str) -> list[str]:
    """Return how each call of the capability ended, in order."""
    return list(ProviderCall.objects.filter(capability=capability).order_by("pk").values_list("state", flat=True))
