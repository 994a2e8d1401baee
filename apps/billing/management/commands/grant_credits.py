from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import queries
from apps.billing.actions import AlreadyGiven, give_credits, require_fit
from canvascast.amounts import credits_in_words
from canvascast.errors import Invalid
from canvascast.exit_codes import BAD_USE, NOTHING_TO_DO


class Command(BaseCommand):
    help = "Give a user credits. The same gift on the same day is given once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("credits", type=int)
        parser.add_argument("--reason", required=True, help="the user reads it in the history")
        parser.add_argument("--expires", type=_end_of_day, metavar="YYYY-MM-DD", help="last day (UTC) they can be used")
        parser.add_argument("--by", metavar="EMAIL", help="the member of staff who gives them")
        parser.add_argument("--dry-run", action="store_true", help="say what would be given, give nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        user = _user(options["email"])
        gift = {key: options[key] for key in ("credits", "reason")} | {"expires_at": options["expires"]}
        try:
            if options["dry_run"]:
                require_fit(**gift, at=timezone.now())
            else:
                by = _user(options["by"]) if options["by"] else None
                give_credits(user_id=user.pk, **gift, by=by, at=timezone.now())
        except AlreadyGiven as refused:
            raise CommandError(refused.sentence, returncode=NOTHING_TO_DO) from refused
        except Invalid as refused:
            raise CommandError(refused.sentence, returncode=BAD_USE) from refused
        self.stdout.write(_outcome(user, options["credits"], dry_run=options["dry_run"], as_json=options["json"]))


def _user(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError(f"There is no user {email}.", returncode=BAD_USE)
    return user


def _end_of_day(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ArgumentTypeError(f"{text} is not a day as YYYY-MM-DD") from error


def _outcome(user: User, credits: int, *, dry_run: bool, as_json: bool) -> str:
    available = queries.balance(user.pk).available
    if as_json:
        facts = {"email": user.email, "given": 0 if dry_run else credits, "dryRun": dry_run, "available": available}
        return json.dumps(facts)
    if dry_run:
        return f"Would give {credits_in_words(credits)} to {user.email}, who has {available} available."
    return f"Gave {credits_in_words(credits)} to {user.email}, who has {available} available now."
