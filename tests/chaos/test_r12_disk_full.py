"""R12: the disk is full at each writing step; it is made later or fails as such, and no half file has a final name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image

from apps.accounts.actions import ProfileChanges, change_profile, start_export
from apps.accounts.models import DataExport, User
from apps.billing import ledger
from apps.billing.models import Source
from apps.billing.queries import balance
from apps.pipeline import engine, runner
from apps.pipeline.actions import start_video
from apps.pipeline.briefs import Order
from apps.pipeline.models import Job, JobStep, StepAttempt, VoiceSample
from apps.pipeline.providers.errors import Transient
from apps.pipeline.voice_profiles import create_profile
from canvascast.operations.backups.folder import whole_backups
from canvascast.operations.delivered_files import file_findings
from canvascast.operations.export import make_export
from canvascast.settings.storage import storages
from tests.chaos.failpoints.disk import SmallDisk, small_disk
from tests.media.recordings import tone
from tests.workers import running_worker, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("R12")]
KIB = 1024
TEXT = "The old harbour wakes slowly, and the boats go out with the tide."
# Too little for the first byte, for a header, for a sound, for a picture, for a film.
ROOMS = (0, 8 * KIB, 64 * KIB, 256 * KIB, 768 * KIB, 1536 * KIB)
_HASH_LETTERS = 64


@pytest.fixture
def disk(settings, tmp_path: Path) -> Iterator[SmallDisk]:
    """All files of the product on a disk of its own."""
    with small_disk(tmp_path / "disk", megabytes=64) as made:
        settings.VAR_DIR = made.folder
        settings.SCRATCH_DIR, settings.CACHE_DIR = made.folder / "scratch", made.folder / "cache"
        settings.STORAGES = {**storages(made.folder), "staticfiles": settings.STORAGES["staticfiles"]}
        settings.SCRATCH_DIR.mkdir()
        yield made


@pytest.fixture
def buyer(db) -> User:
    user = User.objects.create_user("buyer@example.com")
    ledger.grant(user_id=user.pk, credits=10, source=Source.GIFT, reason="", key="buyer", at=timezone.now())
    return user


def order(user: User) -> Job:
    return start_video(order=Order(transcript=TEXT, niche="facts", shape="1:1"), by=user, at=timezone.now())


def next_row(job: Job) -> JobStep | None:
    JobStep.objects.filter(job=job, state="QUEUED").update(due_at=timezone.now(), attempt=0)
    return JobStep.objects.filter(job=job, state="QUEUED").order_by("ordinal").first()


def try_once(row: JobStep) -> tuple[str, str]:
    """Start the row once; return how that ended."""
    claim = engine.claim(row.pk, worker="small-disk/1")
    assert claim is not None
    runner.execute(claim)
    attempt = StepAttempt.objects.filter(job_step=row).latest("fence")
    return attempt.outcome, attempt.error_code


def half_files(disk: SmallDisk) -> list[str]:
    """Names in the store whose content is not what they say."""
    import hashlib

    stored = (disk.folder / "storage" / "generated-assets").glob("*/*/*.*")
    named = (path for path in stored if len(path.stem) == _HASH_LETTERS)
    return [path.name for path in named if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem]


def starve(disk: SmallDisk, job: Job, rooms: tuple[int, ...]) -> dict[str, set[tuple[str, str]]]:
    """Make the job's rows, each first with too little room; return how those tries ended, by step."""
    outcomes: dict[str, set[tuple[str, str]]] = {}
    while (row := next_row(job)) is not None:
        for room in rooms:
            with disk.filled(but=room):
                outcome = try_once(row)
            outcomes.setdefault(row.step, set()).add(outcome)
            assert half_files(disk) == []
            if outcome[0] == "DONE" or next_row(job) is None:
                break
        else:
            outcomes[row.step].add(try_once(row))
    return outcomes


@pytest.mark.small
def test_picture_and_sound_wait_for_room(settings, disk: SmallDisk, buyer: User, scenario):
    settings.PIPELINE_STEPS = "tests.chaos.failpoints.short_film.PLAIN"

    with scenario("R12", "no room for sound and picture", size="small") as scene:
        job = order(buyer)
        outcomes = starve(disk, job, (0,))
        scene.note(steps=len(outcomes))

    job.refresh_from_db()
    assert (job.state, list(file_findings(deep=True))) == ("READY", [])
    assert {code for ended in outcomes.values() for _, code in ended} == {"", "disk_full"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_step_of_a_film_waits_for_room(settings, disk: SmallDisk, buyer: User, scenario):
    settings.PIPELINE_STEPS = "apps.pipeline.manifest.STEPS"

    with scenario("R12", "no room for any step", size="full") as scene:
        job = order(buyer)
        outcomes = starve(disk, job, ROOMS)
        scene.note(steps=len(outcomes), waited=sum(("RETRIED", "disk_full") in ended for ended in outcomes.values()))
        assert {ended for step in outcomes.values() for ended in step} == {("DONE", ""), ("RETRIED", "disk_full")}
        job.refresh_from_db()
        assert (job.state, list(file_findings(deep=True))) == ("READY", [])
        writing = {"voice", "alignment", "images", "timeline", "render", "package"}
        assert {step for step, ended in outcomes.items() if ("RETRIED", "disk_full") in ended} >= writing - {"timeline"}


def test_video_for_which_no_room_is_found_fails_and_costs_nothing(settings, disk: SmallDisk, buyer: User):
    settings.PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
    job = start_video(order=Order(prompt="one two three", niche="facts"), by=buyer, at=timezone.now())

    with disk.filled(but=0):
        while not job.is_finished:
            JobStep.objects.filter(job=job, state="QUEUED").update(due_at=timezone.now())
            row = JobStep.objects.filter(job=job, state="QUEUED").order_by("ordinal")[0]
            try_once(row)
            job.refresh_from_db()

    assert (job.state, job.error_code) == ("FAILED", "disk_full")
    assert (balance(buyer.pk).available, balance(buyer.pk).held) == (10, 0)
    assert half_files(disk) == []


def picture() -> bytes:
    content = io.BytesIO()
    Image.effect_noise((400, 400), 100).convert("RGB").save(content, "WEBP", quality=95)
    return content.getvalue()


def keep_avatar(user: User) -> None:
    changes = ProfileChanges(display_name="Ada", time_zone="UTC", avatar=picture())
    change_profile(user=user, changes=changes, at=timezone.now())


def keep_voice(user: User) -> None:
    files = [SimpleUploadedFile("me.wav", tone(3.0))]
    create_profile(user=user, name="Mine", consent=True, files=files, at=timezone.now())


def export(user: User) -> None:
    made = start_export(user=user, at=timezone.now())
    make_export(export_id=made.pk, at=timezone.now())


def back_up(user: User) -> None:
    call_command("backup", "--json", stdout=io.StringIO(), stderr=io.StringIO())


def avatars() -> list[str]:
    return _names("avatars")


def voices() -> list[str]:
    return [str(sample) for sample in VoiceSample.objects.all()]


def exports() -> list[str]:
    return [row.state for row in DataExport.objects.filter(state="ready")]


def backups() -> list[str]:
    from django.conf import settings

    folder = Path(settings.VAR_DIR) / "backups"
    return [each.path.name for each in whole_backups(folder)] if folder.exists() else []


def _names(folder: str) -> list[str]:
    path = Path(default_storage.path(folder))
    return [each.name for each in path.rglob("*") if each.is_file()] if path.exists() else []


@pytest.mark.parametrize(
    ("write", "kept", "trouble"),
    [
        (keep_avatar, avatars, OSError),
        (keep_voice, voices, Transient),
        (export, exports, OSError),
        (back_up, backups, CommandError),
    ],
    ids=["avatar", "voice", "export", "backup"],
)
def test_what_is_written_besides_is_there_whole_or_not_at_all(
    disk: SmallDisk,
    buyer: User,
    write: Callable[[User], None],
    kept: Callable[[], list[str]],
    trouble: type[Exception],
):
    with disk.filled(but=0), pytest.raises(trouble) as raised:
        write(buyer)

    assert "disk_full" in repr(raised.value) or "space" in str(raised.value)
    assert kept() == []
    with suppress(FileNotFoundError):
        assert [path for path in (disk.folder / "media").rglob("*") if path.is_file()] == []
    write(buyer)
    assert len(kept()) == 1


@pytest.mark.slow
def test_worker_whose_log_has_no_room_goes_on(settings, tmp_path: Path, buyer: User):
    settings.PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
    job = start_video(order=Order(prompt="one two three", niche="facts"), by=buyer, at=timezone.now())

    with small_disk(tmp_path / "log", megabytes=1) as logs, logs.filled(but=0):
        var = tmp_path / "var"
        var.mkdir()
        with running_worker(logs.folder, "tests.engine.settings_trivial", CANVASCAST_VAR=str(var)) as worker:
            wait_until(lambda: Job.objects.get(pk=job.pk).is_finished, seconds=120, what="the video")
            assert worker.poll() is None

    assert Job.objects.get(pk=job.pk).state == "READY"
