from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from apps.pipeline.models import WorkerBeat
from canvascast.health.checks import Migrations, Storage
from canvascast.settings.storage import storages


@pytest.fixture(autouse=True)
def _nothing_remembered():
    Storage.forget()
    Migrations.forget()


@pytest.fixture
def well(django_db_setup, django_db_blocker, settings, tmp_path: Path) -> Iterator[Path]:
    """Everything is as it should be; gives the folder of the storages.

    Checks run on threads of their own, so what they should see is committed, and deleted afterwards.
    """
    settings.VAR_DIR = tmp_path
    settings.STORAGES = {**storages(tmp_path), "staticfiles": settings.STORAGES["staticfiles"]}
    with django_db_blocker.unblock():
        for queue in django_settings.QUEUES:
            WorkerBeat.objects.create(name=f"worker:{queue}", queue=queue, seen_at=timezone.now())
        yield tmp_path / "storage"
        WorkerBeat.objects.all().delete()
