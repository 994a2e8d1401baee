"""Bringing a backup back: everything is made beside what is there, and takes its place at the very end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from django.core.management import call_command
from django.db import Error as DatabaseTrouble
from django.db import connections
from psycopg import sql

from apps.pipeline.models import SILENT_AFTER
from apps.pipeline.sharing import end_again
from canvascast.operations.backups import databases
from canvascast.operations.backups.databases import connect, looking_at, server_version
from canvascast.operations.backups.deletions import (
    DeletedAgain,
    Deletions,
    counted_since,
    delete_again,
    deletions_in,
)
from canvascast.operations.backups.files import bring_back, files_are_in, not_in_bucket
from canvascast.operations.backups.folder import Backup, Manifest
from canvascast.operations.backups.progress import Say
from canvascast.operations.backups.tools import tools_for
from canvascast.operations.backups.trouble import BackupRefused, BackupTrouble
from canvascast.operations.backups.verifying import as_sentence, faults_of_parts, lasting_findings
from canvascast.operations.erasure import begin_erasures
from canvascast.storages import StorageUnavailable

_GOING_SECONDS, _PAUSE_SECONDS = 0.5, 0.1
_OF_SOMEBODY = ("accounts_user", "credit_ledger", "jobs")
_NEWER = {"ledger rows": "credit_ledger", "videos": "jobs"}


@dataclass(frozen=True)
class Plan:
    """What a restore would do to the database that is there now."""

    backup: Backup
    manifest: Manifest
    deletions: Deletions
    """What users deleted, which is deleted again where the backup does not know."""
    deleted_since: dict[str, int]
    """How much of that, and of accounts, was deleted after the backup, by its noun."""
    database: str
    server: str
    has_tables: bool
    is_used: bool
    lost: dict[str, int]
    """What was made after the backup and would be out of reach, by its noun."""
    workers: list[str]
    """Worker services that showed themselves lately."""
    sessions: dict[str, int]
    """Who else is connected to the database, and how often."""
    erased: list[UUID]
    """Whose accounts were erased or are being erased, which the backup may not know."""
    unshared: list[UUID]
    """Links that were ended, which the backup may have as live."""


@dataclass(frozen=True)
class Restored:
    """What came of it; `kept_as` is empty when nothing had to make way."""

    files: int
    kept_as: str
    faults: list[str]
    """What is not as it should be in spite of the restore, a sentence each."""
    erased_again: int
    deleted_again: DeletedAgain


def plan_restore(backup: Backup) -> Plan:
    """Look at the backup and at the database that DATABASE_URL names; change nothing.

    Raises BackupTrouble when the backup is not whole.
    """
    manifest = backup.manifest()
    if faults := list(faults_of_parts(backup, manifest)):
        raise BackupTrouble(" ".join(faults))
    with connect() as ours:
        tables = {name for (name,) in ours.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        return Plan(
            backup=backup,
            manifest=manifest,
            deletions=deletions_in(ours),
            deleted_since=counted_since(ours, manifest.taken_at),
            database=ours.info.dbname,
            server=ours.info.host,
            has_tables=bool(tables),
            is_used=bool(tables) and _is_used(ours, tables),
            lost=_made_since(ours, tables, manifest.taken_at),
            workers=_living_workers(ours) if "worker_beats" in tables else [],
            sessions=_lasting_sessions(ours),
            erased=_erased(ours) if "profiles" in tables else [],
            unshared=_unshared(ours) if "share_links" in tables else [],
        )


def refuse_while_used(plan: Plan, *, closes_sessions: bool) -> None:
    """Raises BackupRefused while a worker is alive or anybody is connected, unless their sessions are to be closed.

    What they write while a restore goes on would be in the old database alone.
    """
    if plan.workers:
        names = ", ".join(plan.workers)
        raise BackupRefused(f"Workers are alive ({names}): stop them and the web processes first. Nothing was changed.")
    if plan.sessions and not closes_sessions:
        number, who = sum(plan.sessions.values()), as_words(plan.sessions)
        raise BackupRefused(
            f"Other connections to {plan.database}: {number} ({who}). Stop the web processes (`systemctl stop "
            "canvascast-web`, `docker compose stop web`) and whatever else uses it, or go on with --close-sessions, "
            "which ends them. Nothing was changed."
        )


def as_words(sessions: dict[str, int]) -> str:
    """Return who is connected how often, in words."""
    return ", ".join(f"{who}: {number}" for who, number in sessions.items())


def restore(plan: Plan, *, at: datetime, say: Say) -> Restored:
    """Do what was planned. Raises BackupTrouble; then the database of now is still in its place."""
    beside = databases.create_beside("restore", at) if plan.has_tables else ""
    kept_as = databases.name_for_old(plan.database, at) if beside else ""
    with _dropped_if_in_vain(beside):
        say("Database …")
        faults, erased_again, deleted_again = _fill(plan, beside or plan.database, at)
        say("Files …")
        files, file_faults = _files(plan, deleted_again, say)
        if beside:
            databases.exchange(plan.database, by=beside, kept_as=kept_as)
    return Restored(files, kept_as, faults + file_faults, erased_again, deleted_again)


def _fill(plan: Plan, target: str, at: datetime) -> tuple[list[str], int, DeletedAgain]:
    connections["default"].close()
    with connect(target) as server:
        tools = tools_for(server_version(server)[0])
    tools.restore(plan.backup.dump, database=target)
    with looking_at(target):
        try:
            call_command("migrate", interactive=False, verbosity=0)
            erased_again = begin_erasures(plan.erased, at=at)
            end_again(plan.unshared, at=at)
            deleted_again = delete_again(plan.deletions, erased=plan.erased)
            return [as_sentence(finding) for finding in lasting_findings()], erased_again, deleted_again
        except DatabaseTrouble as error:
            raise BackupTrouble(f"Its database cannot be brought up to date ({type(error).__name__}).") from error


def _files(plan: Plan, deleted: DeletedAgain, say: Say) -> tuple[int, list[str]]:
    try:
        if plan.manifest.files_in == "folders":
            number, damaged = bring_back(plan.backup, say, deleted.has)
            return number, [f"The backup has no whole {name}; that file was left out." for name in damaged]
        if files_are_in() == "bucket":
            lost = not_in_bucket(plan.backup, deleted.has)
            return 0, [f"The bucket has no {name} of that size: bring back its version of that time." for name in lost]
    except StorageUnavailable as error:
        raise BackupTrouble("The file storage does not answer.") from error
    except OSError as error:
        raise BackupTrouble(f"The files could not be brought back ({error.strerror}).") from error
    raise BackupRefused("Its files are in a bucket: set S3_BUCKET and its keys, then restore.")


@contextmanager
def _dropped_if_in_vain(beside: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if beside:
            databases.drop(beside)
        raise


def _living_workers(ours: psycopg.Connection) -> list[str]:
    alive = ours.execute(
        "SELECT name FROM worker_beats WHERE seen_at > clock_timestamp() - %s::interval ORDER BY name",
        [SILENT_AFTER],
    )
    return [name for (name,) in alive]


def _is_used(ours: psycopg.Connection, tables: set[str]) -> bool:
    """Tell whether anybody would miss something; tables of another program count too."""
    if "django_migrations" not in tables:
        return True
    exists = sql.SQL("SELECT EXISTS (SELECT FROM {})")
    return any(
        ours.execute(exists.format(sql.Identifier(name))).fetchall()[0][0] for name in tables.intersection(_OF_SOMEBODY)
    )


def _made_since(ours: psycopg.Connection, tables: set[str], moment: str) -> dict[str, int]:
    count = sql.SQL("SELECT count(*) FROM {} WHERE created_at > %s")
    return {
        noun: int(ours.execute(count.format(sql.Identifier(table)), [moment]).fetchall()[0][0])
        for noun, table in _NEWER.items()
        if table in tables
    }


def _erased(ours: psycopg.Connection) -> list[UUID]:
    return [user_id for (user_id,) in ours.execute("SELECT user_id FROM profiles WHERE erased_at IS NOT NULL")]


def _unshared(ours: psycopg.Connection) -> list[UUID]:
    return [link_id for (link_id,) in ours.execute("SELECT id FROM share_links WHERE revoked_at IS NOT NULL")]


def _lasting_sessions(ours: psycopg.Connection) -> dict[str, int]:
    """Count again while there are some: a connection that was just closed is listed a moment longer."""
    until = time.monotonic() + _GOING_SECONDS
    while (sessions := _sessions(ours)) and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    return sessions


def _sessions(ours: psycopg.Connection) -> dict[str, int]:
    """Of other users' sessions neither kind nor address is told to everybody; what has no user is the server's own."""
    django = connections["default"].connection
    mine = [ours.info.backend_pid, *([django.info.backend_pid] if django else [])]
    found = ours.execute(
        "SELECT usename || CASE WHEN client_addr IS NOT NULL THEN ' from ' || host(client_addr) "
        "WHEN backend_type IS NULL THEN '' ELSE ' from this machine' END AS who, count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> ALL(%s) AND usename IS NOT NULL "
        "AND coalesce(backend_type, 'client backend') = 'client backend' GROUP BY who ORDER BY who",
        [mine],
    )
    return dict(found.fetchall())
