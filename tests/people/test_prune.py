"""What has had its time goes; what is in use, or may be in a moment, stays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import Task

from apps.accounts.models import DataExport, User
from apps.billing.models import StripeEvent
from apps.billing.models.payments import EventState
from apps.drafts.models import DraftPrompt
from apps.notifications.models import MailEvent
from apps.pipeline.models import StepAttempt, WorkerBeat
from apps.pipeline.scratch import scratch_folder
from canvascast import life_signs
from canvascast.funnel.actions import record
from canvascast.funnel.models import FactKind
from canvascast.operations.backups import databases
from canvascast.operations.orphans import orphans
from canvascast.operations.prune import prune
from canvascast.storages import DurableStorage
from tests.admin.conftest import failed_job, owner

__all__ = ["failed_job", "owner"]

pytestmark = pytest.mark.django_db
ALIASES = ("generated-assets", "voice-samples", "temp-processing")


def age(path: Path, days: float) -> None:
    moment = time.time() - days * 86_400
    os.utime(path, (moment, moment))


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def pruned(*, dry_run: bool = False) -> dict[str, tuple[int, int]]:
    return {row.kind: (row.number, row.size_bytes) for row in prune(at=timezone.now(), dry_run=dry_run)}


def test_files_of_rows_stay_however_old(person: User, own_storages: Path):
    DataExport.objects.update(expires_at=timezone.now() + timedelta(days=1))
    for path in own_storages.rglob("*.*"):
        age(path, 30)

    assert pruned()["files without a row"] == (0, 0)
    assert len(files_in(own_storages)) == 4


@pytest.mark.parametrize("alias", ALIASES)
@pytest.mark.parametrize(("days", "left"), [(1.1, []), (0.9, ["orphan.bin"])])
def test_file_without_a_row_goes_after_a_day(db, own_storages: Path, alias: str, days: float, left: list[str]):
    storages[alias].save("00000000-0000-4000-8000-000000000000/ab/orphan.bin", ContentFile(b"12345"))
    age(next(own_storages.rglob("orphan.bin")), days)

    assert pruned()["files without a row"] == ((0, 0) if left else (1, 5))
    assert files_in(own_storages) == left


@pytest.fixture
def kept_database(db) -> Iterator[str]:
    """What a restore of this database leaves."""
    name = databases.name_for_old(connection.settings_dict["NAME"], timezone.now())
    with databases.connect() as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield name
    databases.drop(name)


@pytest.mark.slow  # a database is dropped by a checkpoint
def test_files_without_a_row_stay_while_the_database_from_before_a_restore_does(
    own_storages: Path, kept_database: str, capsys
):
    for alias in ALIASES:
        storages[alias].save("00000000-0000-4000-8000-000000000000/ab/orphan.bin", ContentFile(b"12345"))
    for orphan in own_storages.rglob("orphan.bin"):
        age(orphan, 2)

    call_command("prune")

    left = {alias: files_in(own_storages / alias) for alias in ALIASES}
    assert left == {"generated-assets": ["orphan.bin"], "voice-samples": ["orphan.bin"], "temp-processing": []}
    assert f"left while the database {kept_database} exists, which may have theirs.\n" in capsys.readouterr().out


def test_half_file_goes_after_a_day(db, own_storages: Path):
    folder = own_storages / "generated-assets" / ".incoming"
    folder.mkdir(parents=True)
    for name, days in (("old", 2), ("new", 0)):
        (folder / name).write_bytes(b"123")
        age(folder / name, days)

    assert pruned()["half files"] == (1, 3)
    assert files_in(own_storages) == ["new"]


def test_expired_export_goes_with_its_file(person: User):
    (export,) = DataExport.objects.all()

    assert pruned()["expired exports"] == (1, len(b"canary export"))
    assert not storages["default"].exists(export.storage_name)


def test_export_whose_worker_died_can_be_asked_for_again(person: User):
    started = timezone.now() - timedelta(hours=2)
    export = DataExport.objects.create(user=person, created_at=started, expires_at=started + timedelta(days=7))

    assert pruned()["exports given up"] == (1, 0)
    export.refresh_from_db()
    assert export.state == "failed"


def test_expired_drafts_go(db):
    for days in (-1, 1):
        DraftPrompt.objects.create(
            token_hash=str(days), prompt="why cats purr", expires_at=timezone.now() + timedelta(days=days)
        )

    assert pruned()["expired drafts"] == (1, 0)
    assert DraftPrompt.objects.get().token_hash == "1"


def test_dry_run_counts_the_same_and_deletes_nothing(person: User, own_storages: Path, capsys):
    storages["temp-processing"].save("orphan.bin", ContentFile(b"12345"))
    age(next(own_storages.rglob("orphan.bin")), 2)

    counted = pruned(dry_run=True)
    call_command("prune", dry_run=True)

    assert "bytes (18" in capsys.readouterr().out.replace("\xa0", " ")
    assert len(files_in(own_storages)) == 5
    assert pruned() == counted


def test_rows_that_would_grow_for_ever_go_when_their_time_is_over(own_storages: Path):
    now = timezone.now()
    for days in (1, 29, 31, 91, 401):
        then = now - timedelta(days=days)
        Task.objects.create(id=f"{days}", name="t", func="f", started=then, stopped=then, success=False)
        StripeEvent.objects.create(pk=f"evt_{days}", type="x", received_at=then, state=EventState.DONE)
        StripeEvent.objects.create(pk=f"evt_new_{days}", type="x", received_at=then, state=EventState.NEW)
        WorkerBeat.objects.create(name=f"w{days}", queue="quick", seen_at=then)
        record(FactKind.PAID, about=days, at=then)
        MailEvent.objects.create(event_id=f"{days}", kind="delivered", happened_at=then, created_at=then)
    cache.set("young", 1, 600)
    cache.set("old", 1, 600)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shared_cache SET expires = now() - interval '1 hour' WHERE cache_key LIKE '%%:old'")

    counted, taken, again = pruned(dry_run=True), pruned(), pruned()

    numbers = {
        "outcomes of tasks": 3,
        "events of Stripe": 2,
        "worker beats": 4,
        "facts of the funnel": 1,
        "news about code mails": 3,
        "expired cache rows": 1,
        "details of attempts": 0,
        "dj-stripe's events": 0,
    }
    for found, wanted in ((counted, numbers), (taken, numbers), (again, dict.fromkeys(numbers, 0))):
        assert {kind: found[kind][0] for kind in numbers} == wanted
    assert sorted(Task.objects.values_list("pk", flat=True)) == ["1", "29"]
    assert StripeEvent.objects.filter(state=EventState.NEW).count() == 5
    assert cache.get("young") == 1


@pytest.mark.slow
def test_news_about_a_notification_stay_as_long_as_it_does(person: User):
    MailEvent.objects.update(created_at=timezone.now() - timedelta(days=31))

    assert pruned()["news about code mails"] == (1, 0)
    assert MailEvent.objects.get().notification.user == person


def test_trace_of_an_old_attempt_goes_and_the_attempt_stays(own_storages: Path, failed_job):
    StepAttempt.objects.update(detail="Traceback", finished_at=timezone.now() - timedelta(days=91))
    StepAttempt.objects.filter(fence=2).update(finished_at=timezone.now() - timedelta(days=89))

    assert pruned()["details of attempts"] == (1, 0)
    assert list(StepAttempt.objects.order_by("fence").values_list("detail", flat=True)) == ["", "Traceback"]


def test_scratch_that_nobody_holds_goes_after_a_day(own_storages: Path, settings, tmp_path: Path):
    settings.SCRATCH_DIR = tmp_path / "scratch"
    for name in ("work-dead", "work-young"):
        (settings.SCRATCH_DIR / name).mkdir(parents=True)
        (settings.SCRATCH_DIR / name / "half.mp4").write_bytes(b"1234")
        age(settings.SCRATCH_DIR / name, 0 if "young" in name else 2)
    (settings.SCRATCH_DIR / "half.upload").write_bytes(b"12")
    age(settings.SCRATCH_DIR / "half.upload", 2)

    with scratch_folder() as held:
        age(held, 2)

        assert pruned(dry_run=True)["scratch"] == pruned()["scratch"] == (2, 6)
        assert {path.name for path in settings.SCRATCH_DIR.iterdir()} == {held.name, "work-young"}


def test_what_others_delete_meanwhile_ends_no_prune(own_storages: Path, settings, tmp_path: Path, monkeypatch):
    settings.SCRATCH_DIR, settings.CACHE_DIR = tmp_path / "scratch", tmp_path / "cache"
    gone = tmp_path / "gone"
    monkeypatch.setattr(DurableStorage, "half_files", lambda storage: iter([gone]))
    monkeypatch.setattr("canvascast.operations.prune.small_pictures", lambda: iter([gone]))
    settings.SCRATCH_DIR.mkdir()
    (settings.SCRATCH_DIR / "work-gone").symlink_to(gone)
    stray = own_storages / "temp-processing" / storages["temp-processing"].save("stray.bin", ContentFile(b"12"))
    age(stray, 2)
    look = DurableStorage.get_modified_time

    def look_and_lose(storage: DurableStorage, name: str):
        found = look(storage, name)
        stray.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(DurableStorage, "get_modified_time", look_and_lose)

    found = pruned()

    kinds = ("half files", "small pictures", "scratch", "files without a row")
    assert [found[kind] for kind in kinds] == [(0, 0)] * 4


def test_out_of_time_it_leaves_the_storages_to_the_next_night(own_storages: Path):
    stray = storages["temp-processing"].save("stray.bin", ContentFile(b"12"))
    age(own_storages / "temp-processing" / stray, 2)

    found = [dict(_numbers(seconds)) for seconds in (-1, 60)]

    assert [each["files without a row"] for each in found] == [0, 1]


def test_out_of_time_it_looks_through_nobody_elses_folder(own_storages: Path):
    storages["generated-assets"].save(f"{uuid4()}/ab/stray.bin", ContentFile(b"12"))

    assert list(orphans(timezone.now() + timedelta(days=2), until=time.monotonic() - 1)) == []


def _numbers(seconds: float) -> Iterator[tuple[str, int]]:
    return ((part.kind, part.number) for part in prune(at=timezone.now(), dry_run=False, seconds=seconds))


def test_prune_shows_that_it_goes_on(own_storages: Path, monkeypatch):
    signs = life_signs.Signs()
    monkeypatch.setattr(life_signs, "_file", signs.file)
    storages["temp-processing"].save("new.bin", ContentFile(b"12"))
    assert not signs.were_shown_within(60)

    pruned()

    assert signs.were_shown_within(60)
