from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from apps.accounts.models import User
from apps.billing import queries
from apps.billing.words import last_day
from canvascast.amounts import credits_in_words
from canvascast.exit_codes import BAD_USE


class Command(BaseCommand):
    help = "Show a user's balance, lots and movements, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--limit", type=int, default=100, help="movements shown; default 100")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None or options["limit"] < 1:
            wrong = "--limit is at least 1." if user else f"There is no user {options['email']}."
            raise CommandError(wrong, returncode=BAD_USE)
        statement = queries.statement(user.pk, limit=options["limit"])
        self.stdout.write(_as_json(user, statement) if options["json"] else _as_lines(user, statement))


def _as_json(user: User, statement: queries.Statement) -> str:
    return json.dumps({"email": user.email, **asdict(statement)}, cls=DjangoJSONEncoder, ensure_ascii=False)


def _as_lines(user: User, statement: queries.Statement) -> str:
    now = statement.balance
    lines = [f"{user.email}: {credits_in_words(now.available)}, {now.held} set aside, {now.debt} owed"]
    for lot in statement.lots:
        until = f"until {last_day(lot.expires_at)}" if lot.expires_at else "without end"
        lines.append(f"  {lot.source:5} {lot.remaining:6} of {lot.credits} left, {until}")
    for move in statement.movements:
        lines.append(f"{move.seq:5} {move.at:%Y-%m-%d %H:%M} {move.credits:+6} {move.balance:6}  {move.text}")
    return "\n".join(lines)
