"""A worker for a command that needs one: the running service, or one of its own for as long as the command lives."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from apps.pipeline.queries import is_worker_alive

_SEEN_WITHIN = timedelta(seconds=5)
_STOP_SECONDS = 20
_MOST_STARTS = 5


class LocalWorker:
    """The worker that this command started, or none when a service is running already."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def ensure(self) -> None:
        """Start a worker if no service shows itself, or again if ours ended."""
        if self._process is None and is_worker_alive("steps", within=_SEEN_WITHIN):
            return
        if self._process is None or self._process.poll() is not None:
            self._starts += 1
            if self._starts > _MOST_STARTS:
                raise CommandError(f"The worker does not start; {_log_path()} says why.", returncode=1)
            self._process = _start()

    def stop(self) -> None:
        """End our own worker, if there is one; what it held goes back to the queue."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
            return
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def local_worker() -> Iterator[LocalWorker]:
    """Lend a worker to the block."""
    worker = LocalWorker()
    worker.ensure()
    try:
        yield worker
    finally:
        worker.stop()


def _start() -> subprocess.Popen[bytes]:
    _log_path().parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--queues", "steps", "--until-eof"]
    with _log_path().open("ab") as log:
        # A session of its own: Ctrl-C in the terminal reaches the command, which then ends the job in order. The pipe
        # ends the worker should the command be killed.
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )


def _log_path() -> Path:
    return Path(settings.LOG_DIR) / "worker.log"
