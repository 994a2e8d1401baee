"""Taking a backup: the database at one moment, then the files."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.apps import apps
from psycopg import sql

from canvascast.env import ROOT
from canvascast.operations.backups import folder as folders
from canvascast.operations.backups.databases import connect, server_version
from canvascast.operations.backups.files import files_are_in, save_files
from canvascast.operations.backups.folder import Backup, Manifest
from canvascast.operations.backups.progress import Say
from canvascast.operations.backups.tools import tools_for
from canvascast.operations.backups.trouble import BackupTrouble
from canvascast.storages import StorageUnavailable
from canvascast.version import commit

_COUNTED_APPS = ("accounts", "billing", "pipeline")
_NAME_SECONDS = 0.1
_DELIVERED = (
    "SELECT a.storage_name FROM assets a JOIN jobs j ON j.id = a.job_id "
    "WHERE a.expired_at IS NULL AND j.state = 'READY'"
)


@dataclass(frozen=True)
class Snapshot:
    """What the database had at the moment that the dump shows."""

    server: str
    taken_at: datetime
    migrations: list[str]
    rows: dict[str, int]
    delivered: set[str]


def take_backup(*, to: Path, keep: int | None, say: Say) -> tuple[Backup, Manifest]:
    """Write a backup into the folder `to`, then delete all but the newest `keep`.

    The files are read after the database's moment. They are never changed in place and a row is stored after its file,
    so what the rows name is there, but for what was deleted in between: the manifest names that. It also names what
    was lost before; then no older backup is deleted. Raises BackupTrouble; then nothing in `to` looks like a backup
    that was not there before.
    """
    with _only_one(to), _named_trouble(to):
        folders.clear_unfinished(to)
        whole = folders.whole_backups(to)
        with _unfinished(to) as unfinished:
            manifest = _fill(unfinished, whole[-1] if whole else None, say)
            backup = folders.finish(unfinished)
        # Where this one lacks films, those before it may be the last that have them.
        too_many = folders.whole_backups(to)[:-keep] if keep and not manifest.lost else []
        for old in too_many:
            folders.delete(old)
            say(f"Deleted {old.path.name}.")
    return backup, manifest


def counts(database: psycopg.Connection) -> dict[str, int]:
    """Return how many rows the tables of accounts, credits and videos have, by name."""
    known = {model._meta.db_table for app in _COUNTED_APPS for model in apps.get_app_config(app).get_models()}
    found = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    names = sorted(known & {name for (name,) in found})
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: int(database.execute(count.format(sql.Identifier(name))).fetchall()[0][0]) for name in names}


@contextlib.contextmanager
def _only_one(to: Path) -> Iterator[None]:
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (to / ".lock").open("w")
    except OSError as error:
        raise BackupTrouble(f"Nothing can be written to {to} ({error.strerror}).") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupTrouble(f"Another backup into {to} is being made.") from error
        yield


def _free_name(to: Path) -> str:
    """Return the name of this second, or of the next when a quick backup has it; only for who holds the lock."""
    while (to / (name := folders.name_at(datetime.now(UTC)))).exists():
        time.sleep(_NAME_SECONDS)
    return name


@contextlib.contextmanager
def _named_trouble(to: Path) -> Iterator[None]:
    try:
        yield
    except StorageUnavailable as error:
        raise BackupTrouble("The file storage does not answer; there is no new backup.") from error
    except OSError as error:
        raise BackupTrouble(f"The backup in {to} could not be written ({error.strerror}).") from error
    except psycopg.Error as error:
        raise BackupTrouble(f"The database did not answer as it should ({type(error).__name__}).") from error


@contextlib.contextmanager
def _unfinished(to: Path) -> Iterator[Backup]:
    """Begin a backup; what is not finished when the block ends is deleted."""
    backup = folders.begin(to, _free_name(to))
    try:
        yield backup
    finally:
        shutil.rmtree(backup.path, ignore_errors=True)


def _fill(backup: Backup, previous: Backup | None, say: Say) -> Manifest:
    snapshot = _dump(backup, say)
    say("Files …")
    saved = save_files(backup, previous, say)
    missing = snapshot.delivered - {one.name for one in saved if one.storage == "generated-assets"}
    manifest = Manifest(
        format=folders.FORMAT,
        taken_at=snapshot.taken_at.isoformat(),
        program=tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
        commit=commit(),
        server=snapshot.server,
        migrations=snapshot.migrations,
        rows=snapshot.rows,
        dump_bytes=backup.dump.stat().st_size,
        dump_sha256=folders.sha256_of(backup.dump),
        files_in=files_are_in(),
        files=len(saved),
        files_bytes=sum(one.size_bytes for one in saved),
        files_sha256=folders.sha256_of(backup.list),
        missing=sorted(missing),
        lost=_still_delivered(missing),
    )
    backup.write_manifest(manifest)
    return manifest


def _still_delivered(names: set[str]) -> list[str]:
    """Whoever deletes a file takes it off the books first, so what is on them now was lost."""
    with connect() as ours:
        found = ours.execute(f"{_DELIVERED} AND a.storage_name = ANY(%s)", [list(names)])
        return sorted({name for (name,) in found.fetchall()})


def _dump(backup: Backup, say: Say) -> Snapshot:
    """The counts are of the very moment that pg_dump sees, however busy the site is."""
    with connect() as ours, ours.transaction():
        ours.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ours.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        if ours.execute("SELECT to_regclass('public.django_migrations')").fetchall() == [(None,)]:
            raise BackupTrouble(f"The database {ours.info.dbname} has no tables: there is nothing to back up.")
        major, version = server_version(ours)
        say(f"Database {ours.info.dbname} (PostgreSQL {version}) …")
        exported, taken_at = ours.execute("SELECT pg_export_snapshot(), now()").fetchall()[0]
        snapshot = Snapshot(
            server=version,
            taken_at=taken_at.astimezone(UTC),
            migrations=applied_migrations(ours),
            rows=counts(ours),
            delivered={name for (name,) in ours.execute(_DELIVERED).fetchall()},
        )
        tools_for(major).dump(backup.dump, snapshot=exported)
    return snapshot


def applied_migrations(database: psycopg.Connection) -> list[str]:
    """Return the migrations that were applied, as `app.name`."""
    found = database.execute("SELECT app || '.' || name FROM public.django_migrations").fetchall()
    return sorted({name for (name,) in found})
