from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from apps.pipeline.offered_voices import current_offer


class Command(BaseCommand):
    help = "List the voices that can be used on this machine."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        voices = current_offer().voices
        if options["json"]:
            listed = [{"key": each.key, "speaker": each.speaker, **asdict(each.voice)} for each in voices]
            self.stdout.write(json.dumps(listed, ensure_ascii=False))
            return
        for each in voices:
            self.stdout.write(f"{each.key:24} {each.voice.language:8} {each.speaker:10} {each.voice.name}")
