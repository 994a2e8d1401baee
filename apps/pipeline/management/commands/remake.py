from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.actions import operator_account
from apps.pipeline.actions import remake_scene
from apps.pipeline.console import report
from apps.pipeline.console.outcome import OutUnwritable, check_writable, collect, follow
from apps.pipeline.console.worker import local_worker
from apps.pipeline.models import Job
from apps.pipeline.providers.errors import Rejected


class Command(BaseCommand):
    help = "Make a video again with one scene's words or picture changed; everything else is reused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", help="id of the video's job, as make_video printed it")
        parser.add_argument("--scene", type=int, required=True, help="number of the scene, from 1")
        parser.add_argument("--words", help="what the scene should say instead")
        parser.add_argument("--picture", help="what its picture should show instead")
        parser.add_argument("--out", type=Path, help="file for the video; its package is put beside it as .zip")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        if options["words"] is None and options["picture"] is None:
            raise report.bad_use("Say what to change: --words “…” or --picture “…”.")
        report.quiet_logs()
        user = operator_account()
        try:
            if options["out"] is not None:
                check_writable(options["out"])
            job = remake_scene(
                job=_find_job(options["job"]),
                scene_number=options["scene"],
                words=options["words"],
                picture=options["picture"],
                by=user,
                at=timezone.now(),
            )
        except (Rejected, OutUnwritable) as error:
            raise report.bad_use(str(getattr(error, "sentence", error))) from error
        with local_worker() as worker:
            job = follow(job, worker)
        report.require_ready(job)
        try:
            report.write_outcome(self.stdout, collect(job, options["out"]), as_json=options["json"])
        except OutUnwritable as error:
            raise CommandError(str(error), returncode=report.FAILED) from error


def _find_job(given: str) -> Job:
    try:
        job: Job = Job.objects.for_user(operator_account()).get(pk=given)
        return job
    except (Job.DoesNotExist, ValidationError) as error:
        raise Rejected("no_job", f"There is no video {given}.") from error
