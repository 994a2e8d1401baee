from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.pipeline.briefs import offered_voices
from apps.pipeline.providers import registry


class Command(BaseCommand):
    help = "List the voices that can be used on this machine."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        voices = offered_voices(registry.provider("speaker", settings.PROVIDERS["speaker"]))
        if options["json"]:
            self.stdout.write(json.dumps([asdict(voice) for voice in voices], ensure_ascii=False))
            return
        for voice in voices:
            self.stdout.write(f"{voice.voice_id:16} {voice.language:8} {voice.name}")
