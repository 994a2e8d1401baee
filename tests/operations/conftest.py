from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.models import Job, Project
from apps.pipeline.states import TERMINAL, JobState


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
    """A job as it stands in the table, whatever the ledger says of it."""
    return Job.objects.create(
        project=Project.objects.create(user=user),
        user=user,
        brief={},
        state=state,
        price=reserved,
        reserved=reserved,
        cost=cost,
        finished_at=timezone.now() if state in TERMINAL else None,
    )


@contextmanager
def triggers_off() -> Iterator[None]:
    """What nobody can do to a production database without being its administrator."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
