from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.pipeline.actions import retry_video
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.console.session import see_through
from apps.pipeline.queries import find_job


class Command(BaseCommand):
    help = "Make a failed or stopped video again; everything that was finished is reused."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", help="id of the video's job")
        parser.add_argument("--out", type=Path, help="file for the video; its package is put beside it as .zip")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        user = operator_with_credits()
        see_through(
            lambda: retry_video(job=find_job(options["job"], user), by=user, at=timezone.now()),
            self.stdout,
            out=options["out"],
            as_json=options["json"],
        )
