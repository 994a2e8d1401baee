from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.pipeline.console.worker import kept_worker


class Command(BaseCommand):
    help = "Serve the site and run a worker in one terminal; Ctrl-C stops both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        with kept_worker():
            call_command("runserver", f"127.0.0.1:{options['port']}", use_reloader=False)
