"""What has had its time goes; what is in use, or may be in a moment, stays."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.utils import timezone

from apps.accounts.models import DataExport, User
from apps.drafts.models import DraftPrompt
from canvascast.operations.prune import prune

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
