"""A backup is whole or not there, and every way in which it is damaged is named."""

from __future__ import annotations

import fcntl
import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from apps.pipeline.models import Asset, Job
from canvascast.operations.backups import taking
from canvascast.operations.backups.files import save_files
from canvascast.operations.backups.folder import Backup, StoredFile
from canvascast.operations.models import NightsWork, Work
from canvascast.version import commit
from tests.operations.backup_site import FILM, Site, deliver, fill, opened_site, refused, run
from tests.operations.conftest import triggers_off


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[Site]:
    with django_db_blocker.unblock(), opened_site(tmp_path_factory.mktemp("site")) as opened:
        fill(opened)
        yield opened


@pytest.fixture(scope="module")
def backup(site: Site) -> Path:
    return site.backup()


@pytest.fixture
def copy(backup: Path, tmp_path: Path) -> Path:
    """The backup again, to be damaged."""
    return shutil.copytree(backup, tmp_path / backup.name)


def rewrite(copy: Path, **changes: object) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | changes))


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def copied_film(copy: Path) -> Path:
    return next((copy / "files" / "generated-assets").rglob("*.mp4"))


def test_whole_backup_can_be_restored_and_leaves_no_database(site: Site, backup: Path):
    began_at = timezone.now()

    assert run("backup", "--verify", "--deep") == f"{backup.name} can be restored.\n"
    assert NightsWork.objects.get(pk=Work.BACKUP_PROVEN).done_at > began_at
    assert site.databases("canvascast_verify_%") == []


def test_backup_leaves_its_date_and_what_failed_its_own(site: Site, tmp_path: Path):
    began_at = timezone.now()
    taken = site.backup("--to", str(tmp_path))
    flip_a_byte(taken / "database.dump")
    refused("backup", "--to", str(tmp_path), "--verify")
    refused("backup", "--to", str(taken / "database.dump"))

    rows = {row.name: row for row in NightsWork.objects.all()}
    assert set(rows) == set(Work)
    assert began_at < rows[Work.BACKUP].done_at < rows[Work.BACKUP_PROVEN].failed_at < rows[Work.BACKUP].failed_at
    assert [(rows[work].done_at, rows[work].failed_at) for work in (Work.PRUNE, Work.RECONCILE_DEEP)] == [
        (None, None),
        (None, None),
    ]


def test_proof_of_one_that_is_named_says_nothing_of_the_newest(site: Site, copy: Path):
    before = NightsWork.objects.get(pk=Work.BACKUP_PROVEN)
    flip_a_byte(copy / "database.dump")

    refused("backup", "--verify", str(copy))

    assert NightsWork.objects.get(pk=Work.BACKUP_PROVEN).failed_at == before.failed_at


@pytest.mark.slow
def test_databases_that_killed_commands_left_are_dropped_a_day_later(site: Site, backup: Path):
    long_ago = f"canvascast_verify_20200101t000000_{uuid.uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{long_ago}"')

    run("backup", "--verify")

    assert site.databases(long_ago) == []


def test_nothing_of_it_is_readable_by_others(backup: Path):
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in [backup, *backup.rglob("*")]}
    assert modes == {True: 0o700, False: 0o600}


def test_manifest_says_what_is_in_it(backup: Path):
    manifest = json.loads((backup / "manifest.json").read_text())

    assert {name: manifest["rows"][name] for name in ("accounts_user", "wallets", "credit_ledger", "credit_lots")} == {
        "accounts_user": 1,
        "wallets": 1,
        "credit_ledger": 3,
        "credit_lots": 1,
    }
    assert (manifest["files"], manifest["files_bytes"], manifest["missing"]) == (1, len(FILM), [])
    assert "billing.0003_guards" in manifest["migrations"]
    assert manifest["commit"] == commit()


@pytest.mark.parametrize("name", ["database.dump", "files.jsonl"])
def test_one_changed_bit_is_found(copy: Path, name: str):
    flip_a_byte(copy / name)

    assert refused("backup", "--verify", str(copy)) == (
        1,
        f"1 found wrong with {copy.name}.",
        [f"{name} was changed: its hash is not that of the manifest."],
    )


@pytest.mark.slow
def test_one_changed_bit_of_a_film_is_found(copy: Path):
    flip_a_byte(copied_film(copy))

    name = copied_film(copy).relative_to(copy / "files")
    assert refused("backup", "--verify", str(copy), "--deep")[2] == [f"The file {name} has another content."]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (Path.unlink, "is missing"),
        (lambda film: film.write_bytes(b"half"), f"has 4 bytes instead of {len(FILM)}"),
    ],
)
def test_film_that_is_gone_or_cut_is_found(copy: Path, damage, fault: str):
    film = copied_film(copy)
    damage(film)

    name = film.relative_to(copy / "files")
    assert refused("backup", "--verify", str(copy))[2] == [f"The file {name} {fault}."]


def test_counts_that_differ_are_found(copy: Path):
    manifest = json.loads((copy / "manifest.json").read_text())
    rewrite(copy, rows=manifest["rows"] | {"credit_ledger": 4})

    assert refused("backup", "--verify", str(copy))[2] == ["credit_ledger has 3 rows, the manifest says 4."]


def test_backup_of_a_newer_program_is_refused(site: Site, copy: Path):
    manifest = json.loads((copy / "manifest.json").read_text())
    rewrite(copy, migrations=[*manifest["migrations"], "billing.9999_later"])
    sentence = "It is of a newer program than this one, which does not know billing.9999_later."

    assert refused("backup", "--verify", str(copy))[2] == [sentence]
    assert refused("restore", str(copy), "--yes")[:2] == (1, f"{sentence} The database of now is as it was.")


def test_manifest_that_is_gone_is_no_backup(copy: Path):
    (copy / "manifest.json").unlink()

    code, sentence, _ = refused("backup", "--verify", str(copy))

    assert code == 1
    assert sentence.endswith("manifest.json cannot be read (FileNotFoundError): this is no whole backup.")


def test_ledger_that_did_not_agree_is_found_in_its_backup(site: Site, tmp_path: Path):
    change_wallets("available + 1")
    try:
        site.backup("--to", str(tmp_path))
    finally:
        change_wallets("available - 1")

    faults = refused("backup", "--to", str(tmp_path), "--verify")[2]

    assert [fault.partition(": ")[2] for fault in faults] == [
        "it has 8 available, 0 held, 0 owed; the ledger says 7, 0, 0.",
        "it has 8 available; its lots have 7.",
    ]
    assert site.databases("canvascast_verify_%") == []


def change_wallets(available: str) -> None:
    with transaction.atomic(), triggers_off(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE wallets SET available = {available}")


def test_backup_that_lacks_a_lost_film_fails_and_deletes_no_older_one(site: Site, backup: Path, tmp_path: Path):
    shutil.copytree(backup, tmp_path / "20200101T000000Z")
    began_at, asset = timezone.now(), deliver(Job.objects.get(), b"another film")
    stored(site, asset).unlink()
    try:
        code, sentence, said = refused("backup", "--to", str(tmp_path), "--keep", "1")
    finally:
        Asset.objects.filter(pk=asset.pk).delete()

    taken = Path(said[0])
    assert (code, sentence.partition(".")[0]) == (
        1,
        "1 delivered files are lost: neither the storage nor this backup has them",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "20200101T000000Z", taken.name]
    assert Backup(taken).manifest().lost == [asset.storage_name]
    assert NightsWork.objects.get(pk=Work.BACKUP).failed_at > began_at
    assert refused("backup", "--to", str(tmp_path), "--verify")[2] == [
        f"I5 asset {asset.pk}: {asset.filename} of job {asset.job_id} is not among the files."
    ]


@pytest.mark.slow  # restores it
def test_film_deleted_while_the_backup_is_taken_is_no_fault_of_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asset = deliver(Job.objects.get(), b"a film that goes")

    def delete_and_save(*arguments: Any) -> list[StoredFile]:
        Asset.objects.filter(pk=asset.pk).update(expired_at=timezone.now())
        stored(site, asset).unlink()
        return save_files(*arguments)

    monkeypatch.setattr(taking, "save_files", delete_and_save)

    try:
        said = run("backup", "--to", str(tmp_path))
        assert "1 delivered files were deleted while it was taken." in said
        assert "can be restored" in run("backup", "--to", str(tmp_path), "--verify")
    finally:
        Asset.objects.filter(pk=asset.pk).delete()


def test_restore_of_a_backup_that_lacks_films_says_so_first(site: Site, copy: Path):
    rewrite(copy, lost=["a.mp4", "b.mp4"])

    said = run("restore", str(copy), "--dry-run").splitlines()

    assert "It lacks 2 delivered files, lost before it was taken: an older one may have them." in said


def test_backup_of_a_program_that_told_nothing_of_lost_files_is_read(copy: Path):
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["lost"]
    (copy / "manifest.json").write_text(json.dumps(manifest))

    assert Backup(copy).manifest().lost == []


def stored(site: Site, asset: Asset) -> Path:
    return site.place.var / "storage" / "generated-assets" / asset.storage_name


def test_next_backup_shares_unchanged_files_with_the_last_and_none_with_the_storage(site: Site, tmp_path: Path):
    first = site.backup("--to", str(tmp_path))
    first = first.rename(first.with_name("20200101T000000Z"))
    second = site.backup("--to", str(tmp_path))

    assert copied_film(second).stat().st_ino == copied_film(first).stat().st_ino
    assert copied_film(second).stat().st_ino != site.film.stat().st_ino


def test_keep_deletes_the_oldest_whole_ones_alone(site: Site, backup: Path, tmp_path: Path):
    for name in ("20200101T000000Z", "20200102T000000Z", "20200103T000000Z", "notes"):
        shutil.copytree(backup, tmp_path / name)

    new = site.backup("--to", str(tmp_path), "--keep", "2")

    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "20200103T000000Z", new.name, "notes"]


def test_keep_without_a_number_keeps_as_many_as_the_privacy_page_says(
    site: Site, backup: Path, tmp_path: Path, settings
):
    settings.BACKUP_DAYS = 2
    for name in ("20200101T000000Z", "20200102T000000Z"):
        shutil.copytree(backup, tmp_path / name)

    new = site.backup("--to", str(tmp_path), "--keep")

    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "20200102T000000Z", new.name]


def test_second_backup_at_once_is_refused(site: Site, tmp_path: Path):
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert refused("backup", "--to", str(tmp_path))[:2] == (1, f"Another backup into {tmp_path} is being made.")


def test_bad_use_is_refused_in_a_sentence(site: Site, tmp_path: Path):
    (tmp_path / "file").write_text("")

    assert refused("backup", "--keep", "0")[:2] == (2, "--keep takes how many backups stay, at least 1.")
    with override_settings(BACKUP_DAYS=0):
        assert refused("backup", "--keep", "0")[:2] == (
            2,
            "--keep takes how many backups stay, at least 1. BACKUP_DAYS is 0, which says that there are none.",
        )
    assert refused("backup", "--verify", "--keep", "1")[:2] == (
        2,
        "--keep goes with taking a backup, not with --verify.",
    )
    assert refused("backup", "--deep")[:2] == (2, "--deep goes with --verify.")
    assert refused("backup", "--verify", "none")[:2] == (
        2,
        f"There is no backup none, neither as a path nor in {site.backups}.",
    )
    assert refused("backup", "--to", str(tmp_path), "--verify")[:2] == (1, f"There is no backup in {tmp_path}.")
    assert refused("backup", "--to", str(tmp_path / "file"))[:2] == (
        1,
        f"Nothing can be written to {tmp_path / 'file'} (File exists).",
    )
