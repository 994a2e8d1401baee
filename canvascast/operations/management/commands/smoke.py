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
from canvascast.exit_codes import FAILED
from canvascast.operations.smoke.site import SmokeFailed
from canvascast.operations.smoke.visit import NotTried, Passed, smoke


class Command(BaseCommand):
    help = (
        "Visit the running site: as a stranger who leaves a text and signs up, where the mailed code can be read here, "
        "and as a program that orders a short film, loads it down and deletes it. For after a deployment: a line for "
        "each thing that works; exit 1 at the first that does not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.SITE_URL, help="where the site answers; default: SITE_URL")
        parser.add_argument("--patience", type=float, default=300.0, help="seconds the film may take; default 300")
        parser.add_argument("--ready", type=float, default=60.0, help="seconds until /ready must agree; default 60")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        user = operator_with_credits()
        key, secret = create_key(user=user, name="smoke", at=timezone.now())
        seen: list[Passed | NotTried] = []
        failure = ""
        try:
            for one in smoke(
                site=options["url"],
                api_key=secret,
                patience_seconds=options["patience"],
                ready_seconds=options["ready"],
                say=self.stderr.write,
            ):
                seen.append(one)
                self.stderr.write(_line(one))
        except SmokeFailed as error:
            failure = str(error)
        finally:
            revoke_key(user=user, key_id=key.pk, at=timezone.now())
        passed = [asdict(one) for one in seen if isinstance(one, Passed)]
        if options["json"]:
            not_tried = [asdict(one) for one in seen if isinstance(one, NotTried)]
            self.stdout.write(json.dumps({"passed": passed, "not_tried": not_tried, "failure": failure}))
        if failure:
            raise CommandError(f"Not as it should be: {failure}", returncode=FAILED)
        if not options["json"]:
            self.stdout.write(f"All {len(passed)} work.")


def _line(one: Passed | NotTried) -> str:
    if isinstance(one, NotTried):
        return f"– {one.name}: not tried: {one.reason}"
    return f"✓ {one.name} ({one.seconds:g} s)"
