from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.pipeline.actions import retry_video
from apps.pipeline.console import report
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.console.session import hand_over, see_through
from apps.pipeline.models import Job
from apps.pipeline.queries import NoSuchVideo, find_job


class Command(BaseCommand):
    help = (
        "Make a failed or stopped video again; everything that was finished is reused. "
        "A customer's is left to the worker service."
    )
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", help="id of the video's job")
        parser.add_argument("--out", type=Path, help="file for the video; its package is put beside it as .zip")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        user = operator_with_credits()
        try:
            job = find_job(options["job"], None)
        except NoSuchVideo as error:
            raise report.bad_use(error.sentence) from error

        def start() -> Job:
            return retry_video(job=job, by=user, at=timezone.now())

        if job.user_id == user.pk:
            see_through(start, self.stdout, out=options["out"], as_json=options["json"])
        else:
            hand_over(start, self.stdout)
