"""Write all that is kept about a user to a zip file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from canvascast.exit_codes import BAD_USE
from canvascast.operations.export import write_export
from canvascast.operations.people import user_named


class Command(BaseCommand):
    help = "Write a user's rows (JSON) and files to a zip."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--out", type=Path, required=True, help="the zip to write")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's own commands
        user, out = user_named(options["email"]), options["out"]
        try:
            with out.open("xb") as target:
                size_bytes = write_export(user, target)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.", returncode=BAD_USE) from error
        self.stdout.write(f"{out}  {size_bytes} bytes")
