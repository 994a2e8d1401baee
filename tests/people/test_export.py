"""A person's zip holds what is theirs and nothing that opens a door."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import DataExport, User
from apps.pipeline.blobs import storage_name
from apps.pipeline.contracts import Blob
from apps.pipeline.models import Asset, Job, Project, ShareLink
from canvascast import life_signs
from canvascast.operations import export as exporting
from canvascast.operations import tasks
from canvascast.operations.export import export_zip
from tests.people.conftest import make_person

pytestmark = pytest.mark.django_db


def archive_of(user: User) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(export_zip(user))))


def pending_export(user: User) -> DataExport:
    return DataExport.objects.create(user=user, expires_at=timezone.now() + timedelta(days=7))


def test_zip_holds_rows_and_files(person: User):
    archive = archive_of(person)

    rows = {
        name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist() if ".json" in name
    }
    job = Job.objects.get(user=person)
    assert rows["account"][0]["email"] == person.email
    assert rows["drafts"][0]["prompt"] == "canary prompt"
    assert rows["jobs"][0]["brief"]["prompt"] == "canary prompt"
    assert rows["scripts"][0]["payload"]["words"] == "canary script"
    assert [row["d_available"] for row in rows["credits"]] == [10, -4, 4]
    assert archive.read(f"videos/{job.pk}/video.mp4") == b"canary film"
    assert [row["detail"] for row in rows["mail_events"]] == ["canary bounced"] * 2
    assert [row["address"] for row in rows["stopped_mailboxes"]] == [person.email]
    assert [row["url"] for row in rows["share_links"]] == [f"http://127.0.0.1:8000/v/{ShareLink.objects.get().token}"]
    assert archive.read("avatar.webp") == b"canary avatar"
    assert [archive.read(name) for name in archive.namelist() if name.startswith("voices/")] == [b"canary sound"]
    assert archive.testzip() is None


def test_files_that_videos_were_ordered_with_are_there_once(db):
    person = User.objects.create_user("new@example.com")
    blobs = {suffix: uploaded(person, content, suffix) for content, suffix in ((b"reading", ".flac"), (b"cat", ".png"))}
    gone = {"sha256": "00" * 32, "size_bytes": 1, "suffix": ".png"}
    whole = {"recording": {"file": blobs[".flac"], "samples": 9}, "look": {"reference": blobs[".png"]}}
    for brief in (whole, whole, {"look": {"reference": gone}}):
        Job.objects.create(project=Project.objects.create(user=person), user=person, brief=brief)

    archive = archive_of(person)

    assert {name: archive.read(name) for name in archive.namelist() if name.startswith("uploads/")} == {
        f"uploads/{blobs['.flac']['sha256']}.flac": b"reading",
        f"uploads/{blobs['.png']['sha256']}.png": b"cat",
    }
    assert archive.testzip() is None


def uploaded(user: User, content: bytes, suffix: str) -> dict:
    blob = {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content), "suffix": suffix}
    storages["generated-assets"].save(storage_name(user.pk, Blob(**blob)), ContentFile(content))
    return blob


def test_export_shows_that_it_goes_on(person: User, monkeypatch):
    signs = life_signs.Signs()
    monkeypatch.setattr(life_signs, "_file", signs.file)

    tasks.export_user(str(pending_export(person).pk))

    assert signs.were_shown_within(60)


def test_media_is_stored_as_it_is_and_not_twice(person: User):
    media = [entry for entry in archive_of(person).infolist() if entry.filename.startswith("videos/")]

    assert [(entry.filename[-9:], entry.compress_type) for entry in media] == [("video.mp4", zipfile.ZIP_STORED)]


def test_zip_has_no_hash_key_session_or_password(person: User):
    archive = archive_of(person)

    everything = b"".join(archive.read(name) for name in archive.namelist())
    secrets = [person.api_keys.get().key_hash, person.password, person.pk.hex, "canary-of-mfa", "canary-secret"]
    assert [secret for secret in secrets if secret.encode() in everything] == []


def test_zip_has_nothing_of_others(person: User):
    make_person("other@example.com")

    archive = archive_of(person)

    assert b"other@example.com" not in b"".join(archive.read(name) for name in archive.namelist())
    assert len(json.loads(archive.read("jobs.json"))) == 1


@pytest.mark.slow
def test_address_that_was_never_confirmed_brings_no_news_of_its_owner(person: User):
    other = make_person("other@example.com")
    EmailAddress.objects.create(user=person, email=other.email)

    archive = archive_of(person)

    assert {row["recipient"] for row in json.loads(archive.read("mail_events.json"))} == {person.email}
    assert [row["address"] for row in json.loads(archive.read("stopped_mailboxes.json"))] == [person.email]


def test_lost_file_does_not_end_the_export(person: User):
    asset = Asset.objects.get(filename="video.mp4")
    storages["generated-assets"].delete(asset.storage_name)

    assert not [name for name in archive_of(person).namelist() if name.startswith("videos/")]


def test_person_with_nothing_gets_empty_lists(db):
    archive = archive_of(User.objects.create_user("new@example.com"))

    assert json.loads(archive.read("jobs.json")) == []


def test_task_stores_the_zip_once(person: User):
    export = pending_export(person)

    for _ in range(2):
        tasks.export_user(str(export.pk))

    export.refresh_from_db()
    assert (export.state, export.storage_name) == ("ready", f"exports/{export.pk}.zip")
    with storages["default"].open(export.storage_name) as stored:
        assert "account.json" in zipfile.ZipFile(stored).namelist()


def test_export_that_is_made_twice_at_once_keeps_its_file(person: User, monkeypatch):
    export = pending_export(person)
    store = exporting._store

    def twice(*given):
        monkeypatch.setattr(exporting, "_store", store)
        tasks.export_user(str(export.pk))
        return store(*given)

    monkeypatch.setattr(exporting, "_store", twice)
    tasks.export_user(str(export.pk))

    export.refresh_from_db()
    assert export.state == "ready"
    assert storages["default"].exists(export.storage_name)


def test_failed_export_says_so_and_leaves_no_file(person: User, own_storages: Path, monkeypatch):
    export = pending_export(person)

    def broken(self, name, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("canvascast.storages.DurableStorage._save", broken)
    with pytest.raises(OSError, match="No space"):
        tasks.export_user(str(export.pk))

    export.refresh_from_db()
    assert (export.state, export.storage_name) == ("failed", "")


def test_command_writes_the_zip(person: User, tmp_path: Path, capsys):
    call_command("export_user", "CANARY@example.com", out=tmp_path / "x.zip")

    assert zipfile.ZipFile(tmp_path / "x.zip").testzip() is None
    assert f"{(tmp_path / 'x.zip').stat().st_size} bytes" in capsys.readouterr().out


@pytest.mark.parametrize(("email", "out"), [("nobody@example.com", "x.zip"), ("canary@example.com", "no/such/x.zip")])
def test_command_refuses_what_it_cannot_do(person: User, tmp_path: Path, email: str, out: str):
    with pytest.raises(CommandError) as refused:
        call_command("export_user", email, out=tmp_path / out)

    assert refused.value.returncode == 2
