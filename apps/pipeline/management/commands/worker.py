from __future__ import annotations

import os
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.pipeline.queries import is_worker_alive
from apps.pipeline.supervisor import Supervisor
from canvascast.idle_transactions import end_idle_transactions
from canvascast.logs import get_logger

log = get_logger("worker")


class Command(BaseCommand):
    help = "Run the worker service: a supervised cluster for each queue, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default=",".join(settings.QUEUES), help="comma separated; default: all")
        parser.add_argument("--until-eof", action="store_true", help="also stop when stdin is closed")
        parser.add_argument("--health", action="store_true", help="exit 0 if every queue has a living worker, else 1")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        queues = options["queues"].split(",")
        unknown = set(queues) - set(settings.QUEUES)
        if unknown:
            raise CommandError(f"There is no queue {', '.join(sorted(unknown))}.", returncode=2)
        if options["health"]:
            _report_health(queues)
            return
        _run(queues, until_eof=options["until_eof"])


def _report_health(queues: list[str]) -> None:
    silent = [queue for queue in queues if not is_worker_alive(queue, within=timedelta(seconds=10))]
    if silent:
        raise CommandError(f"No worker is alive for: {', '.join(silent)}.", returncode=1)


def _run(queues: list[str], *, until_eof: bool) -> None:
    end_idle_transactions(after_seconds=settings.LEASE_SECONDS)
    supervisors = [Supervisor(queue) for queue in queues]
    failed: list[str] = []

    def stop(*_: object) -> None:
        for supervisor in supervisors:
            supervisor.stop()

    def watch(supervisor: Supervisor) -> None:
        try:
            supervisor.run()
        except Exception:
            log.exception("supervisor_failed", queue=supervisor.queue)
            failed.append(supervisor.queue)
        finally:
            stop()
            connection.close()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if until_eof:
        threading.Thread(target=_stop_at_eof, args=(stop,), daemon=True).start()
    others = [threading.Thread(target=watch, args=(supervisor,)) for supervisor in supervisors[1:]]
    for thread in others:
        thread.start()
    watch(supervisors[0])
    for thread in others:
        thread.join()
    if failed:
        raise CommandError(f"The worker ended because of an error in: {', '.join(failed)}.", returncode=1)


def _stop_at_eof(stop: Callable[[], None]) -> None:
    """Whoever started this worker holds the other end of stdin: it closes when they end, whatever ended them."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop()
