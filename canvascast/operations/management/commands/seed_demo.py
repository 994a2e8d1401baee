"""Fill an account of its own with films to look at."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.urls import reverse

from apps.pipeline.console import report
from apps.pipeline.models import Job
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.states import JobState
from canvascast.amounts import credits_in_words
from canvascast.errors import Refused
from canvascast.exit_codes import FAILED
from canvascast.operations.demo import EMAIL, Demo, DemoRefused, seed_demo


class Command(BaseCommand):
    help = (
        "Make a demo account with three finished films, one that was stopped, and its history of credits, and say how "
        "to log in. Run again it makes what is missing and changes nothing else."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default=EMAIL, help=f"whose account it is; default {EMAIL}")
        parser.add_argument("--in-production", action="store_true", help="also where customers are; wants --email")
        parser.add_argument("--with-vendors", action="store_true", help="let vendors make them, which costs money")
        parser.add_argument("--json", action="store_true", help="print what there is as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        email = _checked(options["email"], in_production=options["in_production"])
        report.quiet_logs()
        try:
            demo = seed_demo(email=email, with_vendors=options["with_vendors"])
        except (DemoRefused, Rejected, Refused) as error:
            raise report.bad_use(str(getattr(error, "sentence", error))) from error
        self.stdout.write(json.dumps(_facts(demo)) if options["json"] else "\n".join(_lines(demo)))
        failed = [job for job in demo.films if job.state != JobState.READY and job.project.deleted_at is None]
        if failed:
            raise CommandError(f"{len(failed)} of the films could not be made; run it again.", returncode=FAILED)


def _checked(email: str, *, in_production: bool) -> str:
    if not settings.DEBUG and not in_production:
        raise report.bad_use("This is no development site: --in-production asks for a demo among customers.")
    if not settings.DEBUG and email == EMAIL:
        raise report.bad_use("The code to log in goes by mail here: name an address of yours with --email.")
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise report.bad_use(f"“{email}” is not an e-mail address.") from wrong
    return email


def _facts(demo: Demo) -> dict[str, object]:
    return {
        "email": demo.email,
        "login": _login(),
        "credits": demo.available,
        "videos": [
            {"job_id": str(job.pk), "title": _title(job), "state": job.state} for job in (*demo.films, demo.stopped)
        ],
    }


def _lines(demo: Demo) -> list[str]:
    videos = [f"  {job.state.lower():9} {_title(job)}" for job in (*demo.films, demo.stopped)]
    code = f"it lies in {settings.SITE_URL}/dev/mailbox" if settings.DEBUG else "it comes by mail"
    start = "Start the site (`make run`), then log in" if settings.DEBUG else "Log in"
    return [
        f"{demo.email} has {credits_in_words(demo.available)} left and these videos:",
        *videos,
        f"{start} at {_login()} as {demo.email} with a code; {code}.",
    ]


def _login() -> str:
    return f"{settings.SITE_URL}{reverse('account_login')}"


def _title(job: Job) -> str:
    return job.project.title or "(not named yet)"
