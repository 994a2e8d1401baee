from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline.codec import to_json
from apps.pipeline.models import Asset, Job, Project
from tests.engine.conftest import brief, trivial

__all__ = ["trivial"]

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def rich_owner(owner: User) -> User:
    give(owner, 10)
    return owner


@pytest.fixture
def stranger(db) -> User:
    return User.objects.create_user("stranger@example.com")


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of


def give(user: User, credits: int) -> None:
    ledger.grant(user_id=user.pk, credits=credits, source=Source.GIFT, reason="a test", key=f"test:{user.pk}", at=NOW)


def video(
    user: User, *, state: str = "READY", prompt: str = "Why do cats purr?", title: str = "", language="en", **job
) -> Job:
    """Lay down a video's rows without making it."""
    project = Project.objects.create(user=user, title=title)
    ended = {"finished_at": NOW} if state in ("READY", "FAILED", "CANCELED") else {}
    asked = {**to_json(brief(prompt)), "language": language}
    return Job.objects.create(project=project, user=user, brief=asked, state=state, **{**ended, **job})


def file_of(job: Job, filename: str, kind: str = "video") -> Asset:
    """Give the job a row of that file, with something in the storage under its name."""
    stored = storages["generated-assets"].save(f"{job.user_id}/{job.pk}/{filename}", ContentFile(b"content"))
    return Asset.objects.create(
        job=job, kind=kind, filename=filename, storage_name=stored, sha256="0" * 64, size_bytes=1_000
    )
