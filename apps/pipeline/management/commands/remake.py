from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.pipeline.actions import remake_scene
from apps.pipeline.console import report
from apps.pipeline.console.operator import operator_with_credits
from apps.pipeline.console.session import see_through
from apps.pipeline.queries import find_job


class Command(BaseCommand):
    help = "Make a video again with one scene's words or picture changed; everything else is reused."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

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
        user = operator_with_credits()
        see_through(
            lambda: remake_scene(
                job=find_job(options["job"], user),
                scene_number=options["scene"],
                words=options["words"],
                picture=options["picture"],
                by=user,
                at=timezone.now(),
            ),
            self.stdout,
            out=options["out"],
            as_json=options["json"],
        )
