"""Take away everything personal about a user."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.accounts.models import User
from canvascast.exit_codes import BAD_USE
from canvascast.operations.erasure import erase_user, plan_erasure
from canvascast.operations.people import user_named


class Command(BaseCommand):
    help = "Erase a user: their words, files and address. Jobs and ledger entries stay, without words."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, erase nothing")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's own commands
        user = user_named(options["email"])
        for name, number in asdict(plan_erasure(user)).items():
            self.stdout.write(f"{name.replace('_', ' '):16} {number}")
        if options["dry_run"]:
            return
        if not options["yes"]:
            _confirm(user)
        erase_user(user=user, at=timezone.now())
        self.stdout.write("Erased.")


def _confirm(user: User) -> None:
    if input(f"This cannot be undone. Type {user.email} to erase them: ") != user.email:
        raise CommandError("Nothing was erased.", returncode=BAD_USE)
