"""`manage.py make_staff ada@example.com`: the first member of staff, who then logs in by code."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from apps.accounts.actions import make_staff
from canvascast.exit_codes import BAD_USE


class Command(BaseCommand):
    help = "Give somebody all permissions, making the account if there is none. They log in by code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's commands
        """Make them staff and say what comes next."""
        try:
            validate_email(options["email"])
        except ValidationError as wrong:
            raise CommandError("That is not an e-mail address.", returncode=BAD_USE) from wrong
        user = make_staff(email=options["email"])
        self.stdout.write(f"{user.email} is staff. Log in with a code, set up a second factor, then open /admin/.")
