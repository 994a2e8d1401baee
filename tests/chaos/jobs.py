"""Jobs as the ledger's callers have them: made with their reservation, ended with their settlement."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Kind, LedgerEntry
from apps.pipeline.models import Job, Project
from apps.pipeline.states import JobState


def start(user: User, credits: int) -> Job:
    """Make a job and set its credits aside in one commit. Raises InsufficientCredits and leaves nothing."""
    with transaction.atomic():
        project = Project.objects.create(user=user)
        job = Job.objects.create(project=project, user=user, brief={}, price=credits, reserved=credits)
        ledger.reserve(
            user_id=user.pk, job_id=job.pk, project_id=project.pk, title="", credits=credits, at=timezone.now()
        )
        return job


def end_as_settled(job: Job) -> None:
    """Give the job the state and the cost that its settlement says."""
    settlement = LedgerEntry.objects.get(job_id=job.pk, kind__in=[Kind.FINALIZE, Kind.RELEASE])
    state = JobState.FAILED if settlement.kind == Kind.RELEASE else JobState.CANCELED
    Job.objects.filter(pk=job.pk).update(state=state, cost=settlement.d_external, finished_at=timezone.now())
