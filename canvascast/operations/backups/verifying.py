"""Proving a backup: its hashes, and a restore into a database that is dropped afterwards."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime

from django.core.management import call_command
from django.db import Error as DatabaseTrouble
from django.db.migrations.loader import MigrationLoader

from apps.pipeline.models import Asset
from apps.pipeline.states import JobState
from canvascast.operations.backups.databases import connect, looking_at, scratch_database, server_version
from canvascast.operations.backups.files import not_in_bucket
from canvascast.operations.backups.folder import Backup, Manifest, StoredFile, sha256_of
from canvascast.operations.backups.progress import Say, counted
from canvascast.operations.backups.taking import applied_migrations, counts
from canvascast.operations.backups.tools import tools_for
from canvascast.operations.backups.trouble import BackupTrouble
from canvascast.operations.invariants import Finding
from canvascast.operations.reconcile import reconcile
from canvascast.storages import StorageUnavailable

_SAMPLE = 100
_BATCH = 500


def verify(backup: Backup, *, deep: bool, at: datetime, say: Say) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with the backup, none when it can be restored.

    `deep` reads every file, otherwise a hundred by chance; names and sizes are always compared. What lives in a bucket
    is looked for there. Raises BackupTrouble when it cannot be told.
    """
    manifest = backup.manifest()
    say("Hashes …")
    faults = list(faults_of_parts(backup, manifest))
    yield from faults
    if faults:
        return
    yield from _file_faults(backup, manifest, deep, say)
    with scratch_database(at) as scratch:
        say("Restoring into a database beside ours …")
        yield from _faults_of_restored(backup, manifest, scratch, say)


def faults_of_parts(backup: Backup, manifest: Manifest) -> Iterator[str]:
    """Yield what is wrong with the dump and the list of files, and which migrations this program does not know."""
    for path, sha256 in ((backup.dump, manifest.dump_sha256), (backup.list, manifest.files_sha256)):
        if not path.is_file():
            yield f"{path.name} is missing."
        elif sha256_of(path) != sha256:
            yield f"{path.name} was changed: its hash is not that of the manifest."
    if unknown := sorted(set(manifest.migrations) - _known_migrations()):
        yield f"It is of a newer program than this one, which does not know {', '.join(unknown)}."


def lasting_findings() -> list[Finding]:
    """Return what breaks an invariant of the rows but I6: leases of a moment that has passed have ended."""
    return [finding for finding in reconcile(files=False) if finding.invariant != "I6"]


def as_sentence(finding: Finding) -> str:
    """Return the finding as `manage.py reconcile` prints it."""
    return f"{finding.invariant} {finding.subject} {finding.id}: {finding.text}."


def _known_migrations() -> set[str]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return {f"{app}.{name}" for app, name in loader.disk_migrations.keys() | replaced}


def _file_faults(backup: Backup, manifest: Manifest, deep: bool, say: Say) -> Iterator[str]:
    if manifest.files_in == "bucket":
        yield from _bucket_faults(backup)
        return
    say(f"{manifest.files:,} files …")
    read = set() if deep else set(random.sample(range(manifest.files), min(_SAMPLE, manifest.files)))
    for number, stored in enumerate(counted(backup.files(), "files", say)):
        if fault := _fault(backup, stored, deep or number in read):
            yield f"The file {stored.storage}/{stored.name} {fault}."


def _bucket_faults(backup: Backup) -> Iterator[str]:
    try:
        for name in not_in_bucket(backup):
            yield f"The bucket has no {name} of the size that was listed."
    except TypeError:
        yield "Its files are in a bucket, and this program has none (S3_BUCKET): they were not looked for."
    except StorageUnavailable as error:
        raise BackupTrouble("The bucket does not answer.") from error


def _fault(backup: Backup, stored: StoredFile, read: bool) -> str:
    path = backup.file(stored)
    try:
        if path.stat().st_size != stored.size_bytes:
            return f"has {path.stat().st_size} bytes instead of {stored.size_bytes}"
        return "has another content" if read and sha256_of(path) != stored.sha256 else ""
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _faults_of_restored(backup: Backup, manifest: Manifest, scratch: str, say: Say) -> Iterator[str]:
    with connect(scratch) as restored:
        try:
            tools_for(server_version(restored)[0]).restore(backup.dump, database=scratch)
        except BackupTrouble as error:
            yield f"It cannot be restored: {error}"
            return
        if applied_migrations(restored) != manifest.migrations:
            yield "The dump has other migrations than the manifest says."
        yield from _faults_of_counts(counts(restored), manifest.rows)
    say("Ledger, wallets, lots, jobs and files …")
    with looking_at(scratch):
        try:
            # An older backup is judged as it would be after a restore.
            call_command("migrate", interactive=False, verbosity=0)
            for finding in lasting_findings():
                yield as_sentence(finding)
            yield from _faults_of_delivered(backup, manifest)
        except DatabaseTrouble as error:
            yield f"The restored database cannot be brought up to date ({type(error).__name__})."


def _faults_of_counts(found: dict[str, int], told: dict[str, int]) -> Iterator[str]:
    for table in sorted(found.keys() | told.keys()):
        if found.get(table) != told.get(table):
            yield f"{table} has {found.get(table, 'no')} rows, the manifest says {told.get(table, 'none')}."


def _faults_of_delivered(backup: Backup, manifest: Manifest) -> Iterator[str]:
    """Hold the rows of delivered files against the list."""
    listed = {one.name: one for one in backup.files() if one.storage == "generated-assets"}
    known_as_gone = set(manifest.missing) - set(manifest.lost)
    for asset in Asset.objects.filter(expired_at__isnull=True, job__state=JobState.READY).iterator(_BATCH):
        stored = listed.get(asset.storage_name)
        if stored is None:
            if asset.storage_name not in known_as_gone:
                yield f"I5 asset {asset.pk}: {asset.filename} of job {asset.job_id} is not among the files."
        elif stored.size_bytes != asset.size_bytes or stored.sha256 not in ("", asset.sha256):
            yield f"I5 asset {asset.pk}: {asset.filename} of job {asset.job_id} has another content."
