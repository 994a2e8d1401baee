"""Take a backup of database and files, or prove that one can be restored."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from canvascast.exit_codes import BAD_USE, FAILED
from canvascast.operations.backups.folder import Backup, Manifest, backup_named
from canvascast.operations.backups.taking import take_backup
from canvascast.operations.backups.trouble import BackupRefused, BackupTrouble
from canvascast.operations.backups.verifying import verify
from canvascast.operations.models import Work
from canvascast.operations.nights_dates import noted


class Command(BaseCommand):
    help = (
        "Write the database and the files into a folder of their own, named by the time. With --verify: prove that a "
        "backup can be restored, by restoring it beside the database; a line for each thing that is wrong, and exit 1. "
        "A backup holds personal data: keep it as you keep the database."
    )
    # A site whose settings are wrong somewhere needs this all the same.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="FOLDER", help="folder of the backups; default: backups in CANVASCAST_VAR")
        parser.add_argument(
            "--keep",
            nargs="?",
            const=settings.BACKUP_DAYS,
            type=int,
            metavar="N",
            help="afterwards delete all but the newest N, by default BACKUP_DAYS of them: one is made a night",
        )
        parser.add_argument(
            "--verify", nargs="?", const="", metavar="BACKUP", help="prove this backup, or the newest; changes nothing"
        )
        parser.add_argument("--deep", action="store_true", help="with --verify: read every file, not a hundred of them")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's own commands
        if options["keep"] is not None and options["keep"] < 1:
            told = " BACKUP_DAYS is 0, which says that there are none." if settings.BACKUP_DAYS == 0 else ""
            raise CommandError(f"--keep takes how many backups stay, at least 1.{told}", returncode=BAD_USE)
        if options["verify"] is not None and options["keep"]:
            raise CommandError("--keep goes with taking a backup, not with --verify.", returncode=BAD_USE)
        if options["verify"] is None and options["deep"]:
            raise CommandError("--deep goes with --verify.", returncode=BAD_USE)
        folder = Path(options["to"] or settings.VAR_DIR / "backups").absolute()
        try:
            if options["verify"] is None:
                self._take(folder, keep=options["keep"], as_json=options["json"])
            else:
                with nullcontext() if options["verify"] else noted(Work.BACKUP_PROVEN):
                    self._verify(folder, options["verify"], deep=options["deep"], as_json=options["json"])
        except BackupRefused as error:
            raise CommandError(str(error), returncode=BAD_USE) from error
        except psycopg.Error as error:
            told = f"The database did not answer as it should ({type(error).__name__})."
            raise CommandError(told, returncode=FAILED) from error
        except BackupTrouble as error:
            raise CommandError(str(error), returncode=FAILED) from error

    def _take(self, folder: Path, *, keep: int | None, as_json: bool) -> None:
        with noted(Work.BACKUP):
            backup, manifest = take_backup(to=folder, keep=keep, say=self.stderr.write)
            self._say_taken(backup, manifest, as_json)
            if manifest.lost:
                raise CommandError(
                    f"{len(manifest.lost)} delivered files are lost: neither the storage nor this backup has them. "
                    "No older one was deleted. `manage.py reconcile` names them; what to do is in docs/production.md.",
                    returncode=FAILED,
                )

    def _say_taken(self, backup: Backup, manifest: Manifest, as_json: bool) -> None:
        if as_json:
            told = {"backup": str(backup.path), "dump_bytes": manifest.dump_bytes, "rows": manifest.rows}
            files = {"files": manifest.files, "files_bytes": manifest.files_bytes, "files_in": manifest.files_in}
            self.stdout.write(json.dumps(told | files | {"missing": manifest.missing, "lost": manifest.lost}))
            return
        self.stdout.write(
            f"{backup.path}\n"
            f"database {filesizeformat(manifest.dump_bytes)}, {manifest.files:,} files of "
            f"{filesizeformat(manifest.files_bytes)}"
        )
        if manifest.files_in == "bucket":
            self.stdout.write("The files are listed, not copied: the bucket needs versioning of its own.")
        if deleted := len(manifest.missing) - len(manifest.lost):
            self.stdout.write(f"{deleted} delivered files were deleted while it was taken.")

    def _verify(self, folder: Path, name: str, *, deep: bool, as_json: bool) -> None:
        backup = backup_named(name, folder)
        faults = list(verify(backup, deep=deep, at=timezone.now(), say=self.stderr.write))
        if as_json:
            self.stdout.write(json.dumps({"backup": str(backup.path), "faults": faults}))
        else:
            self.stdout.write("\n".join(faults) or f"{backup.path.name} can be restored.")
        if faults:
            raise CommandError(f"{len(faults)} found wrong with {backup.path.name}.", returncode=FAILED)
