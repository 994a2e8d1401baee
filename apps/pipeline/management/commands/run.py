from __future__ import annotations

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.pipeline.console.worker import kept_worker
from canvascast import env
from canvascast.exit_codes import BAD_USE

_HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Serve the site and run a worker in one terminal; Ctrl-C stops both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        _require_free(options["port"])
        _put_address_in_links(f"http://{_HOST}:{options['port']}")
        with kept_worker():
            call_command("runserver", f"{_HOST}:{options['port']}", use_reloader=False)


def _require_free(port: int) -> None:
    """Django's server leaves without cleaning up when the port is taken."""
    try:
        with socket.create_server((_HOST, port)):
            pass
    except (OSError, OverflowError) as error:
        wrong = f"Port {port} cannot be used; name another: make run PORT=8001"
        raise CommandError(wrong, returncode=BAD_USE) from error


def _put_address_in_links(address: str) -> None:
    """Let links of this process and of its worker lead to the port that is served, unless SITE_URL says otherwise."""
    os.environ.setdefault("SITE_URL", address)
    settings.SITE_URL = env.value("SITE_URL")
