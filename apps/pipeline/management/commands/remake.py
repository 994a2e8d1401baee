from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.pipeline.actions import remake_scenes
from apps.pipeline.console import report
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.console.session import hand_over, see_through
from apps.pipeline.models import Job
from apps.pipeline.queries import NoSuchVideo, find_job
from apps.pipeline.text.editing import SceneChange


class Command(BaseCommand):
    help = (
        "Make a video again with one scene changed: its words, its picture's description, or another picture of the "
        "same description. Everything else is reused. A customer's is paid with their credits and left to the worker "
        "service."
    )
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", help="id of the video's job, as make_video printed it")
        parser.add_argument("--scene", type=int, required=True, help="number of the scene, from 1")
        parser.add_argument("--words", help="what the scene should say instead")
        parser.add_argument("--picture", help="what its picture should show instead")
        parser.add_argument("--new-picture", action="store_true", help="draw its picture anew")
        parser.add_argument("--out", type=Path, help="file for the video; its package is put beside it as .zip")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        change = SceneChange(options["scene"], options["words"], options["picture"], options["new_picture"])
        if change == SceneChange(options["scene"]):
            raise report.bad_use("Say what to change: --words “…”, --picture “…” or --new-picture.")
        user = operator_with_credits()
        try:
            job = find_job(options["job"], None)
        except NoSuchVideo as error:
            raise report.bad_use(error.sentence) from error

        def start() -> Job:
            return remake_scenes(job=job, changes=[change], by=user, at=timezone.now())

        if job.user_id == user.pk:
            see_through(start, self.stdout, out=options["out"], as_json=options["json"])
        else:
            hand_over(start, self.stdout)
