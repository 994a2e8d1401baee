"""A restore takes the place of what there was, keeps it, and leaves it alone when anything goes wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.billing.models import LedgerEntry, Wallet
from apps.pipeline.models import ShareLink, WorkerBeat
from canvascast.operations.backups import databases, restoring
from canvascast.operations.backups.databases import looking_at
from canvascast.operations.backups.trouble import BackupTrouble
from canvascast.operations.erasure import erase_user, is_erased, unfinished_erasures
from canvascast.operations.orphans import orphans
from canvascast.operations.prune import take_up_interrupted
from tests.billing.moves import give
from tests.operations.backup_site import FILM, Site, fill, opened_site, refused, run


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Path:
    """The backup of a site that is gone."""
    folder = tmp_path_factory.mktemp("lost")
    with django_db_blocker.unblock(), opened_site(folder) as lost:
        fill(lost)
        return lost.backup("--to", str(folder / "kept"))


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[Site]:
    """Another site, with a user of its own."""
    with django_db_blocker.unblock(), opened_site(tmp_path_factory.mktemp("used")) as opened:
        User.objects.create_user("newer@example.com")
        yield opened


@pytest.fixture
def empty(tmp_path: Path, django_db_blocker) -> Iterator[Site]:
    """A new site, migrated, with nobody in it."""
    with django_db_blocker.unblock(), opened_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def unchanged(used: Site) -> Iterator[None]:
    """What is refused leaves rows and files as they were, and nothing beside them."""
    yield
    assert [user.email for user in User.objects.all()] == ["newer@example.com"]
    assert not (used.place.var / "storage").exists()
    assert used.databases("canvascast_restore_%") == []


@pytest.mark.usefixtures("unchanged")
def test_database_in_use_is_refused_where_an_empty_one_was_meant(used: Site, backup: Path):
    assert refused("restore", str(backup), "--into-empty", "--yes")[:2] == (
        2,
        f"The database {used.database} is not empty. Nothing was changed.",
    )


@pytest.mark.usefixtures("unchanged")
def test_what_would_be_replaced_is_said_before_it_is_asked(used: Site, backup: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("builtins.input", lambda question: "yes")

    code, sentence, said = refused("restore", str(backup))

    assert (code, sentence) == (2, "Nothing was changed.")
    assert said[2] == (
        "That database is in use and will be kept under another name. "
        "Newer than the backup: 0 ledger rows and 0 videos."
    )


@pytest.mark.usefixtures("unchanged")
def test_living_worker_is_refused(used: Site, backup: Path):
    WorkerBeat.objects.create(name="busy", queue="steps", seen_at=timezone.now())

    assert refused("restore", str(backup), "--yes")[:2] == (
        2,
        "Workers are alive (busy): stop them and the web processes first. Nothing was changed.",
    )
    WorkerBeat.objects.all().delete()


@pytest.fixture
def other_session(used: Site) -> Iterator[None]:
    with psycopg.connect(used.place.environment["DATABASE_URL"], autocommit=True) as connected:
        connected.execute("SELECT 1")
        yield


@pytest.mark.usefixtures("unchanged", "other_session")
def test_database_that_others_are_connected_to_is_refused_and_they_are_counted(used: Site, backup: Path):
    code, sentence, said = refused("restore", str(backup), "--yes")

    told = rf"Other connections to {used.database}: 1 \(postgres from [\w. :]+: 1\)\. Stop the web processes "
    assert code == 2
    assert re.match(told, sentence)
    assert sentence.endswith("Nothing was changed.")
    assert said[3].startswith("Others are connected to it (postgres from ")


@pytest.mark.usefixtures("unchanged", "other_session")
def test_dry_run_asks_nothing_also_while_the_site_runs(used: Site, backup: Path):
    WorkerBeat.objects.create(name="busy", queue="steps", seen_at=timezone.now())

    assert "will be kept under another name" in run("restore", str(backup), "--dry-run")
    WorkerBeat.objects.all().delete()


@pytest.mark.usefixtures("unchanged")
def test_restore_that_fails_at_the_files_leaves_the_database(used: Site, backup: Path, monkeypatch: pytest.MonkeyPatch):
    def disk_is_full(*arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "bring_back", disk_is_full)

    assert refused("restore", str(backup), "--yes")[:2] == (
        1,
        "The files could not be brought back (No space left on device). The database of now is as it was.",
    )


@pytest.mark.usefixtures("other_session")
def test_lost_site_is_back_and_what_was_there_kept(used: Site, backup: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("builtins.input", lambda question: used.database)

    said = run("restore", str(backup), "--close-sessions")

    assert "Restored, with 1 files that were not there." in said
    assert_is_the_lost_site(used)
    (kept,) = used.databases(f"{used.database}_before_%")
    assert f'DROP DATABASE "{kept}";' in said
    with looking_at(kept):
        assert [user.email for user in User.objects.all()] == ["newer@example.com"]
    storages["generated-assets"].save(f"{uuid4()}/ab/named_there_alone.mp4", ContentFile(b"film"))
    assert list(orphans(timezone.now() + timedelta(days=2))) == []


@pytest.mark.parametrize("refusals", [0, 9])
def test_exchange_of_databases_waits_until_others_are_gone(refusals: int, monkeypatch: pytest.MonkeyPatch):
    tried = _renames_refused(refusals, monkeypatch)

    databases.exchange("site", by="restored", kept_as="before")

    assert tried == [{"site": "before", "restored": "site"}] * (refusals + 1)


def test_exchange_of_databases_is_given_up_while_others_keep_connecting(monkeypatch: pytest.MonkeyPatch):
    tried = _renames_refused(10, monkeypatch)

    with pytest.raises(BackupTrouble, match=r"^Others kept connecting to site: stop web and worker processes"):
        databases.exchange("site", by="restored", kept_as="before")

    assert len(tried) == 10


def _renames_refused(times: int, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Have so many renames refused as by PostgreSQL while others are connected; return what is tried."""
    tried: list[dict[str, str]] = []

    def rename(server: psycopg.Connection, names: dict[str, str]) -> None:
        tried.append(names)
        if len(tried) <= times:
            raise psycopg.errors.ObjectInUse

    monkeypatch.setattr(databases, "_PAUSE_SECONDS", 0)
    monkeypatch.setattr(databases, "_rename", rename)
    return tried


@pytest.mark.slow
def test_migrated_database_without_anybody_is_empty(empty: Site, backup: Path):
    run("restore", str(backup), "--into-empty", "--yes")

    assert_is_the_lost_site(empty)


@pytest.mark.slow
def test_account_erased_since_is_erased_again(empty: Site, backup: Path):
    run("restore", str(backup), "--yes")
    assert ShareLink.objects.get().revoked_at is None
    erase_user(user=User.objects.get(), at=timezone.now())

    said = run("restore", str(backup), "--yes")

    assert not ShareLink.objects.filter(revoked_at__isnull=True).exists()
    assert "1 accounts erased since the backup will be erased by the workers." in said
    assert [user.email for user in unfinished_erasures()] == ["owner@example.com"]
    take_up_interrupted(at=timezone.now())
    assert is_erased(User.objects.get())


@pytest.mark.slow
def test_damaged_files_are_made_well_and_those_damaged_in_the_backup_named(empty: Site, backup: Path, tmp_path: Path):
    run("restore", str(backup), "--yes")
    empty.film.write_bytes(FILM[::-1])
    worse = shutil.copytree(backup, tmp_path / "worse")
    copied = next((worse / "files").rglob("*.mp4"))
    copied.write_bytes(b"not the film")

    code, sentence, said = refused("restore", str(worse), "--yes")

    assert (code, sentence) == (1, "It is restored, but 1 found that should not be.")
    assert f"The backup has no whole {copied.relative_to(worse / 'files')}; that file was left out." in said
    run("restore", str(backup), "--yes")
    assert empty.film.read_bytes() == FILM


@pytest.mark.slow
def test_database_without_a_table_is_filled_in_its_place(empty: Site, backup: Path):
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    run("restore", str(backup), "--into-empty", "--yes")

    assert_is_the_lost_site(empty)
    assert empty.databases(f"{empty.database}_before_%") == []


def assert_is_the_lost_site(site: Site) -> None:
    """Its credits, its film, and a ledger that goes on, with its triggers."""
    wallet = Wallet.objects.get()
    assert (wallet.user.email, wallet.available, wallet.held, wallet.last_seq) == ("owner@example.com", 7, 0, 3)
    assert [(row.seq, row.kind, row.d_available) for row in LedgerEntry.objects.order_by("seq")] == [
        (1, "GRANT", 10),
        (2, "RESERVE", -4),
        (3, "FINALIZE", 1),
    ]
    assert site.film.read_bytes() == FILM
    assert run("reconcile", "--deep") == "Ledger, wallets, lots, jobs and files agree.\n"
    give(wallet.user, 5)
    assert Wallet.objects.get().available == 12
