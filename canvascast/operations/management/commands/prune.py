"""Delete what has had its time, and say how much that was."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from canvascast.operations.models import Work
from canvascast.operations.nights_dates import noted
from canvascast.operations.prune import prune


class Command(BaseCommand):
    help = "Delete what has had its time: drafts, exports, sessions, old rows, and files that nothing refers to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's own commands
        total_bytes = 0
        with nullcontext() if options["dry_run"] else noted(Work.PRUNE):
            for pruned in prune(at=timezone.now(), dry_run=options["dry_run"]):
                total_bytes += pruned.size_bytes
                self.stdout.write(f"{pruned.kind:22} {pruned.number:8}  {pruned.size_bytes} bytes")
                if pruned.left:
                    self.stdout.write(pruned.left)
        verb = "would be freed" if options["dry_run"] else "freed"
        self.stdout.write(f"{total_bytes} bytes ({filesizeformat(total_bytes)}) {verb}")
