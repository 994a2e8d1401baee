"""Bring a backup back, in the place of what there is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from canvascast.exit_codes import BAD_USE, FAILED
from canvascast.operations.backups.folder import backup_named
from canvascast.operations.backups.restoring import (
    Plan,
    Restored,
    as_words,
    plan_restore,
    refuse_while_used,
    restore,
)
from canvascast.operations.backups.trouble import BackupRefused, BackupTrouble

_NEXT = """Next:
  1. Start the workers and the web processes, then `manage.py doctor`.
  2. `manage.py reconcile --deep`; with payments `manage.py reconcile --stripe`, which restores what was paid since.
  3. Mails and webhooks that were waiting at the time of the backup leave now, some for the second time."""
_OLD = """  4. What was there before is the database {kept_as}.
     While it is there `manage.py prune` leaves files without a row: they may be its. Drop it when nobody misses
     anything:
         DROP DATABASE "{kept_as}";"""


class Command(BaseCommand):
    help = (
        "Restore a backup into the database that DATABASE_URL names, with its files. What is there now keeps its rows "
        "under another name. Workers and web processes must be stopped."
    )
    # A site whose settings are wrong somewhere needs this all the same.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", help="path of a backup, or its name in --from")
        parser.add_argument("--from", dest="folder", metavar="FOLDER", help="default: backups in CANVASCAST_VAR")
        parser.add_argument("--into-empty", action="store_true", help="refuse a database that has anybody's rows")
        parser.add_argument("--close-sessions", action="store_true", help="end the connections that others have to it")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--dry-run", action="store_true", help="say what would be replaced, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's own commands
        folder = Path(options["folder"] or settings.VAR_DIR / "backups").absolute()
        try:
            plan = plan_restore(backup_named(options["backup"], folder))
            self.stdout.write(_told(plan))
            if options["into_empty"] and plan.is_used:
                raise BackupRefused(f"The database {plan.database} is not empty. Nothing was changed.")
            if options["dry_run"]:
                return
            refuse_while_used(plan, closes_sessions=options["close_sessions"])
            if not options["yes"]:
                _confirm(plan)
            self._say_result(restore(plan, at=timezone.now(), say=self.stderr.write))
        except BackupRefused as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        except psycopg.Error as error:
            told = (
                f"The database did not answer as it should ({type(error).__name__}). The database of now is as it was."
            )
            raise CommandError(told, returncode=FAILED) from error
        except BackupTrouble as error:
            raise CommandError(f"{error} The database of now is as it was.", returncode=FAILED) from error

    def _say_result(self, restored: Restored) -> None:
        self.stdout.write(f"Restored, with {restored.files:,} files that were not there.")
        if restored.erased_again:
            self.stdout.write(
                f"{restored.erased_again} accounts erased since the backup will be erased by the workers."
            )
        again = restored.deleted_again
        if again.videos or again.voices or again.keys:
            self.stdout.write(
                f"Deleted again, for their owners deleted them since the backup: {again.videos} videos, {again.voices} "
                f"voices, {again.keys} keys for programs. The workers delete what is left of their files."
            )
        for fault in restored.faults:
            self.stdout.write(fault)
        self.stdout.write(_NEXT)
        if restored.kept_as:
            self.stdout.write(_OLD.format(kept_as=restored.kept_as))
        if restored.faults:
            found = f"{len(restored.faults)} found that should not be."
            raise CommandError(f"It is restored, but {found}", returncode=FAILED)


def _told(plan: Plan) -> str:
    manifest, rows = plan.manifest, plan.manifest.rows
    taken_at = datetime.fromisoformat(manifest.taken_at)
    lines = [
        f"Backup of {taken_at:%Y-%m-%d %H:%M:%S} UTC: {rows.get('accounts_user', 0):,} accounts, "
        f"{rows.get('jobs', 0):,} videos, {rows.get('credit_ledger', 0):,} ledger rows; {manifest.files:,} files of "
        f"{filesizeformat(manifest.files_bytes)}.",
        f"It goes into the database {plan.database} on {plan.server}.",
    ]
    if manifest.lost:
        lines.append(
            f"It lacks {len(manifest.lost):,} delivered files, lost before it was taken: an older one may have them."
        )
    if not plan.is_used:
        return "\n".join([*lines, "Nothing of anybody's is there now."])
    lost = " and ".join(f"{number:,} {noun}" for noun, number in plan.lost.items())
    lines.append(
        "That database is in use and will be kept under another name."
        + (f" Newer than the backup: {lost}." if lost else "")
    )
    if plan.deleted_since:
        deleted = ", ".join(f"{number:,} {noun}" for noun, number in plan.deleted_since.items())
        lines.append(f"Deleted since the backup, and deleted again: {deleted}.")
    if plan.sessions:
        lines.append(f"Others are connected to it ({as_words(plan.sessions)}).")
    return "\n".join(lines)


def _confirm(plan: Plan) -> None:
    try:
        typed = input(f"Type {plan.database} to go on: ")
    except EOFError as error:
        raise BackupRefused("Nobody answered; --yes does not ask. Nothing was changed.") from error
    if typed.strip() != plan.database:
        raise BackupRefused("Nothing was changed.")
