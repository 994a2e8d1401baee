from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.api_keys import create_key, revoke_key
from apps.pipeline.console.operator import operator_with_credits
from canvascast.operations.smoke import Passed, SmokeFailed, smoke

FAILED = 1


class Command(BaseCommand):
    help = (
        "Go the whole way of a customer through the running site, from the home page to a short film, and delete it. "
        "For after a deployment: a line for each thing that works; exit 1 at the first that does not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.SITE_URL, help="where the site answers; default: SITE_URL")
        parser.add_argument("--patience", type=float, default=300.0, help="seconds the film may take; default 300")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        user = operator_with_credits()
        key, secret = create_key(user=user, name="smoke", at=timezone.now())
        passed: list[Passed] = []
        failure = ""
        try:
            for one in smoke(site=options["url"], api_key=secret, patience_seconds=options["patience"]):
                passed.append(one)
                self.stderr.write(f"✓ {one.name} ({one.seconds:g} s)")
        except SmokeFailed as error:
            failure = str(error)
        finally:
            revoke_key(user=user, key_id=key.pk, at=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps({"passed": [asdict(one) for one in passed], "failure": failure}))
        if failure:
            raise CommandError(f"Not as it should be: {failure}", returncode=FAILED)
        if not options["json"]:
            self.stdout.write(f"All {len(passed)} work.")
