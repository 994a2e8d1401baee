"""What a user deleted after the backup does not come back with it: not its row, not its files, not its voice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from apps.accounts.api_keys import create_key, revoke_key, user_of_key
from apps.accounts.models import ApiKey, User
from apps.billing.models import Wallet
from apps.pipeline import left_files, voice_profiles
from apps.pipeline.actions import delete_project
from apps.pipeline.models import Artifact, Asset, Job, Project, VoiceProfile, VoiceSample
from apps.pipeline.states import JobState
from canvascast.operations.backups.databases import connect
from canvascast.operations.backups.deletions import Deletions, deletions_in
from canvascast.operations.erasure import erase_user
from tests.billing.moves import hold
from tests.operations.backup_site import FILM, Site, deliver, fill, opened_site, run
from tests.operations.conftest import job_of, make

OTHER = b"another film of some bytes"


@pytest.fixture
def site(tmp_path: Path, django_db_blocker) -> Iterator[Site]:
    with django_db_blocker.unblock(), opened_site(tmp_path) as opened:
        fill(opened)
        yield opened


@dataclass(frozen=True)
class Things:
    """What the owner of the site has besides a film: one to be deleted, one in the making, a voice and a key."""

    owner: User
    film: Asset
    making: Job
    voice: VoiceProfile
    key: ApiKey
    secret: str

    @property
    def projects(self) -> list[Project]:
        return [self.film.job.project, self.making.project]


def things_of(owner: User) -> Things:
    """Two films share one file."""
    job = job_of(owner, JobState.QUEUED)
    make(job)
    Job.objects.filter(pk=job.pk).update(state=JobState.READY, finished_at=timezone.now())
    film = deliver(job, OTHER)
    name_files(job, OTHER, FILM)
    name_files(Job.objects.exclude(pk=job.pk).get(), FILM)
    making = job_of(owner, JobState.QUEUED, reserved=4)
    hold(owner, 4, job_id=making.pk)
    key, secret = create_key(user=owner, name="robot", at=timezone.now())
    return Things(owner, film, making, voice_of(owner), key, secret)


def name_files(job: Job, *contents: bytes) -> None:
    """Let a result of the job name the files with these contents."""
    blobs = [{"sha256": sha256_of(content), "size_bytes": len(content), "suffix": ".mp4"} for content in contents]
    Artifact.objects.create(
        user=job.user, project=job.project, key="k", content="c", step="package", schema_version=1, payload=blobs
    )


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def voice_of(owner: User) -> VoiceProfile:
    now = timezone.now()
    learned = {"state": "READY", "provider": "elevenlabs", "provider_voice_id": "v1", "tries": 1}
    voice = VoiceProfile.objects.create(user=owner, name="Mine", consented_at=now, **learned)
    name = storages["voice-samples"].save(f"{owner.pk}/{voice.pk}/sample.wav", ContentFile(b"my voice"))
    VoiceSample.objects.create(profile=voice, storage_name=name, sha256="a", size_bytes=8, duration_ms=900)
    return voice


def delete(things: Things) -> datetime:
    """Delete it all, and lose the film that stays from the disk; return when."""
    at = timezone.now()
    for project in things.projects:
        delete_project(project=project, by=things.owner, at=at)
    voice_profiles.delete_profile(user=things.owner, profile_id=things.voice.pk, at=at)
    # The worker's part, and what became of the voice at the vendor.
    left_files.delete_left(things.owner.pk)
    VoiceSample.objects.all().delete()
    storages["voice-samples"].delete(f"{things.owner.pk}/{things.voice.pk}/sample.wav")
    VoiceProfile.objects.update(vendor_cleared_at=at)
    revoke_key(user=things.owner, key_id=things.key.pk, at=at)
    return at


@pytest.mark.slow
def test_what_was_deleted_since_the_backup_is_deleted_again(site: Site, tmp_path: Path):
    things = things_of(User.objects.get())
    backup = site.backup("--to", str(tmp_path / "kept"))
    at = delete(things)
    film = Path(storages["generated-assets"].path(Asset.objects.get(sha256=sha256_of(FILM)).storage_name))
    film.unlink()

    told = run("restore", str(backup), "--dry-run")
    said = run("restore", str(backup), "--yes")

    assert "Deleted since the backup, and deleted again: 2 videos, 1 voices, 1 keys for programs." in told
    assert (
        "Deleted again, for their owners deleted them since the backup: 2 videos, 1 voices, 1 keys for programs. The "
        "workers delete what is left of their files."
    ) in said
    gone = Project.objects.filter(deleted_at=at)
    assert {project.pk for project in gone} == {project.pk for project in things.projects}
    assert Project.objects.get(deleted_at__isnull=True).jobs.get().state == JobState.READY
    assert_voice_and_key_are_gone(things, at)
    assert film.read_bytes() == FILM
    assert not storages["generated-assets"].exists(things.film.storage_name)
    assert Job.objects.get(pk=things.making.pk).state == JobState.CANCELED
    assert (Wallet.objects.get().available, Wallet.objects.get().held) == (7, 0)
    left_files.delete_forgotten()
    assert run("reconcile", "--deep") == "Ledger, wallets, lots, jobs and files agree.\n"
    assert film.read_bytes() == FILM


def assert_voice_and_key_are_gone(things: Things, at: datetime) -> None:
    """The restored site does not know that the vendor has nothing any more, so it asks once more."""
    voice = VoiceProfile.objects.get()
    assert (voice.deleted_at, voice.vendor_cleared_at, voice.due_at) == (at, None, at)
    assert voice_profiles.profiles_of(User.objects.get()) == []
    assert not VoiceSample.objects.exists()
    assert not storages["voice-samples"].exists(f"{things.owner.pk}/{things.voice.pk}/sample.wav")
    assert (ApiKey.objects.get().revoked_at, user_of_key(things.secret, timezone.now())) == (at, None)


@pytest.mark.slow
def test_what_went_with_an_account_is_counted_with_it_and_its_files_stay_out(site: Site, tmp_path: Path):
    things_of(User.objects.get())
    backup = site.backup("--to", str(tmp_path / "kept"))
    erase_user(user=User.objects.get(), at=timezone.now())

    told = run("restore", str(backup), "--dry-run")
    said = run("restore", str(backup), "--yes")

    assert "Deleted since the backup, and deleted again: 1 accounts." in told
    assert "1 accounts erased since the backup will be erased by the workers." in said
    assert "Restored, with 0 files that were not there." in said


@pytest.mark.slow
def test_restore_over_the_restored_site_deletes_nothing_twice(site: Site, tmp_path: Path):
    things = things_of(User.objects.get())
    at = delete(things)
    backup = site.backup("--to", str(tmp_path / "kept"))

    told = run("restore", str(backup), "--dry-run")
    said = run("restore", str(backup), "--yes")

    assert "eleted again" not in told + said
    assert Project.objects.filter(deleted_at=at).count() == 2


@pytest.mark.django_db
def test_old_tables_without_the_moments_know_of_no_deletion():
    with connect() as ours, ours.transaction(force_rollback=True):
        ours.execute("ALTER TABLE projects RENAME deleted_at TO gone_at; DROP TABLE profiles, api_keys CASCADE")

        assert deletions_in(ours) == Deletions({}, {}, {})
