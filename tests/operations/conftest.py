from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.models import Artifact, Asset, Job, JobStep, Project
from apps.pipeline.states import TERMINAL, JobState, StepState


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def storage(settings, tmp_path: Path) -> Path:
    settings.STORAGES = {
        **settings.STORAGES,
        "generated-assets": {
            "BACKEND": "canvascast.storages.DurableStorage",
            "OPTIONS": {"location": tmp_path / "storage"},
        },
    }
    return tmp_path / "storage"


def job_of(user: User, state: JobState, *, reserved: int = 0, cost: int = 0) -> Job:
    """A job as it stands in the table, whatever the ledger says of it; a READY one has a step and a file."""
    job = Job.objects.create(
        project=Project.objects.create(user=user),
        user=user,
        brief={},
        state=state,
        price=reserved,
        reserved=reserved,
        cost=cost,
        finished_at=timezone.now() if state in TERMINAL else None,
    )
    if state == JobState.READY:
        make(job)
    return job


def make(job: Job) -> None:
    """Give the job a finished step, and a file that has expired since."""
    artifact = Artifact.objects.create(
        user=job.user, project=job.project, key=str(job.pk), content="", step="script", schema_version=1, payload={}
    )
    JobStep.objects.create(job=job, step="script", ordinal=0, state=StepState.DONE, artifact=artifact)
    Asset.objects.create(
        job=job, kind="script", filename="script.txt", storage_name="-", size_bytes=1, expired_at=timezone.now()
    )


@contextmanager
def triggers_off() -> Iterator[None]:
    """What nobody can do to a production database without being its administrator."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
