from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.pipeline.processes import adopt_orphans
from apps.pipeline.queries import is_worker_alive
from apps.pipeline.queues import RENDER
from apps.pipeline.supervisor import StopRequest, Supervisor
from canvascast.exit_codes import BAD_USE, FAILED
from canvascast.idle_transactions import end_idle_transactions
from canvascast.logs import get_logger

log = get_logger("worker")

_MOST_PROCESSES = 200
_IO = "io"
# After the grace: to kill, and to give back. Containers are killed after 30 seconds.
_GIVE_BACK_SECONDS = 8


class Command(BaseCommand):
    help = "Run the worker service: a supervised cluster a queue, until SIGTERM or Ctrl-C; a second ends it at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queues", default=",".join(settings.QUEUES), help="comma separated; io: all but render; default: all"
        )
        parser.add_argument("--concurrency", default="", help="processes of each queue: 4, or steps=2,vendors=12")
        parser.add_argument("--until-eof", action="store_true", help="also stop when stdin is closed")
        parser.add_argument("--health", action="store_true", help="exit 0 if every queue has a living worker, else 1")
        parser.add_argument("--here", action="store_true", help="with --health: on this host")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        queues = _named(options["queues"])
        if options["health"]:
            _report_health(queues, socket.gethostname() if options["here"] else None)
            return
        _run(_processes(queues, options["concurrency"]), until_eof=options["until_eof"])


def _named(text: str) -> list[str]:
    """Return the queues that `text` names, each once. Raises CommandError."""
    named = list(dict.fromkeys(queue for part in text.split(",") for queue in _meant(part.strip())))
    unknown = sorted(set(named) - set(settings.QUEUES))
    if unknown:
        there_is = ", ".join([*settings.QUEUES, f"{_IO} for all but {RENDER}"])
        how = f" RENDER_PROCESSES splits {RENDER} off." if RENDER in unknown else ""
        raise CommandError(f"There is no queue “{', '.join(unknown)}”; there is {there_is}.{how}", returncode=BAD_USE)
    return named


def _meant(name: str) -> list[str]:
    return [queue for queue in settings.QUEUES if queue != RENDER] if name == _IO else [name]


def _processes(queues: list[str], concurrency: str) -> dict[str, int]:
    """Return how many processes each queue has: what `concurrency` says, else what the settings do.

    Raises CommandError.
    """
    said: dict[str, str] = {}
    for part in filter(None, concurrency.split(",")):
        name, equals, number = part.rpartition("=")
        said |= dict.fromkeys(_meant(name.strip()) if equals else queues, number)
    strangers = sorted(set(said) - set(queues))
    if strangers:
        raise CommandError(f"--concurrency names {', '.join(strangers)}, which --queues does not.", returncode=BAD_USE)
    return {queue: _number(said[queue]) if queue in said else settings.QUEUES[queue] for queue in queues}


def _number(text: str) -> int:
    if text.strip().isdecimal() and 1 <= int(text) <= _MOST_PROCESSES:
        return int(text)
    wanted = f"a number from 1 to {_MOST_PROCESSES}, or steps=2,vendors=12"
    raise CommandError(f"--concurrency has “{text}”; it takes {wanted}.", returncode=BAD_USE)


def _report_health(queues: list[str], host: str | None) -> None:
    silent = [queue for queue in queues if not is_worker_alive(queue, host=host)]
    if silent:
        where = f" on {host}" if host else ""
        raise CommandError(f"No worker is alive{where} for: {', '.join(silent)}.", returncode=FAILED)


def _run(queues: dict[str, int], *, until_eof: bool) -> None:
    end_idle_transactions(after_seconds=settings.LEASE_SECONDS)
    stop = StopRequest()
    signal.signal(signal.SIGTERM, lambda *_: stop.make())
    signal.signal(signal.SIGINT, lambda *_: stop.make())
    adopt_orphans()
    threading.Thread(target=_end_in_time, args=(stop,), daemon=True).start()
    if until_eof:
        threading.Thread(target=_stop_at_eof, args=(stop,), daemon=True).start()
    failed: list[str] = []

    def watch(supervisor: Supervisor) -> None:
        try:
            supervisor.run()
        except Exception:
            log.exception("supervisor_failed", queue=supervisor.queue)
            failed.append(supervisor.queue)
        finally:
            if not stop.is_made:
                stop.make()
            connection.close()

    first, *others = [Supervisor(queue, processes, stop) for queue, processes in queues.items()]
    threads = [threading.Thread(target=watch, args=(supervisor,)) for supervisor in others]
    for thread in threads:
        thread.start()
    watch(first)
    for thread in threads:
        thread.join()
    if failed:
        raise CommandError(f"The worker ended because of an error in: {', '.join(failed)}.", returncode=FAILED)


def _end_in_time(stop: StopRequest) -> None:
    """Whatever hangs when a stop was asked for, a database perhaps: its processes go down with this one."""
    stop.wait()
    time.sleep(settings.WORKER_GRACE_SECONDS + _GIVE_BACK_SECONDS)
    log.error("stop_overdue")
    os._exit(1)


def _stop_at_eof(stop: StopRequest) -> None:
    """Whoever started this worker holds the other end of stdin: it closes when they end, whatever ended them."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.make(urgent=True)
