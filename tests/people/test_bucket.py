"""The same on an S3 server, where a zip cannot be sought in and a folder is only a prefix."""

from __future__ import annotations

import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from apps.accounts.models import DataExport, User
from canvascast.operations import tasks
from canvascast.operations.erasure import erase_user
from canvascast.operations.prune import prune
from tests.media.conftest import Bucket, bucket, s3_server  # noqa: F401 - fixtures
from tests.people.conftest import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_storages(bucket: Bucket) -> Bucket:  # noqa: F811 - the fixture above
    return bucket


@pytest.fixture
def person_there(own_storages: Bucket, db) -> User:
    return make_person("canary@example.com")


def test_export_is_stored_whole(person_there: User):
    export = DataExport.objects.create(user=person_there, expires_at=timezone.now() + timedelta(days=7))

    tasks.export_user(str(export.pk))

    export.refresh_from_db()
    with storages["default"].open(export.storage_name) as stored:
        archive = zipfile.ZipFile(stored)
        assert archive.testzip() is None
        assert "account.json" in archive.namelist()


def test_erasure_leaves_no_object(person_there: User, own_storages: Bucket):
    assert len(own_storages.names()) == 4

    erase_user(user=person_there, at=timezone.now())

    assert own_storages.names() == []


def test_prune_finds_objects_without_a_row(person_there: User, own_storages: Bucket):
    DataExport.objects.update(expires_at=timezone.now() + timedelta(days=9))
    for alias in ("generated-assets", "voice-samples", "temp-processing"):
        storages[alias].save(f"{person_there.pk}/ab/orphan.bin", ContentFile(b"12345"))

    found = {row.kind: row for row in prune(at=timezone.now() + timedelta(days=2), dry_run=False)}

    assert (found["files without a row"].number, found["files without a row"].size_bytes) == (3, 15)
    assert len(own_storages.names()) == 4
