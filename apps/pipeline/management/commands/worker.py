from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.pipeline.queries import is_worker_alive
from apps.pipeline.supervisor import Supervisor


class Command(BaseCommand):
    help = "Run the worker service: a supervised cluster for each queue, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default=",".join(settings.QUEUES), help="comma separated; default: all")
        parser.add_argument("--health", action="store_true", help="exit 0 if every queue has a living worker, else 1")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        queues = options["queues"].split(",")
        unknown = set(queues) - set(settings.QUEUES)
        if unknown:
            raise CommandError(f"There is no queue {', '.join(sorted(unknown))}.", returncode=2)
        if options["health"]:
            _report_health(queues)
            return
        _run(queues)


def _report_health(queues: list[str]) -> None:
    silent = [queue for queue in queues if not is_worker_alive(queue, within=timedelta(seconds=10))]
    if silent:
        raise CommandError(f"No worker is alive for: {', '.join(silent)}.", returncode=1)


def _run(queues: list[str]) -> None:
    supervisors = [Supervisor(queue) for queue in queues]

    def stop(*_: object) -> None:
        for supervisor in supervisors:
            supervisor.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    others = [threading.Thread(target=_run_in_thread, args=(supervisor,)) for supervisor in supervisors[1:]]
    for thread in others:
        thread.start()
    supervisors[0].run()
    stop()
    for thread in others:
        thread.join()


def _run_in_thread(supervisor: Supervisor) -> None:
    try:
        supervisor.run()
    finally:
        connection.close()
