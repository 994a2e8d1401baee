"""A worker for a command that needs one: the running service, or one of its own for as long as the command lives."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error as DatabaseTrouble
from django.db import connection

from apps.pipeline.queries import is_worker_alive
from apps.pipeline.queues import film_queues
from canvascast.exit_codes import FAILED
from canvascast.logs import get_logger

log = get_logger("worker")

_SEEN_WITHIN = timedelta(seconds=5)
_STOP_SECONDS = 20
_LOOK_SECONDS = 1.0
# A worker that ends more often than this does not start at all.
_MOST_STARTS, _STARTS_WITHIN_SECONDS = 5, 600.0


class LocalWorker:
    """The worker of some queues that this command started, or none when a service is running already."""

    def __init__(self, queues: Sequence[str] = ()) -> None:
        self._queues = queues or film_queues()
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at: deque[float] = deque(maxlen=_MOST_STARTS)

    def ensure(self) -> None:
        """Start a worker if no service shows itself, or again if ours ended.

        Raises CommandError when it keeps ending.
        """
        if self._process is None and all(is_worker_alive(queue, within=_SEEN_WITHIN) for queue in self._queues):
            return
        if self._process is None or self._process.poll() is not None:
            self._count_start(time.monotonic())
            self._process = _start(self._queues)

    def stop(self) -> None:
        """End our own worker at once, if there is one; what it held goes back to the queue."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
            return
        self._process.kill()
        self._process.wait()

    def _count_start(self, now: float) -> None:
        if len(self._started_at) == _MOST_STARTS and now - self._started_at[0] < _STARTS_WITHIN_SECONDS:
            raise CommandError(f"The worker does not start; {_log_path()} says why.", returncode=FAILED)
        self._started_at.append(now)


@contextlib.contextmanager
def local_worker(queues: Sequence[str] = ()) -> Iterator[LocalWorker]:
    """Lend a worker of `queues`, by default of all that a video needs, to the block."""
    worker = LocalWorker(queues)
    worker.ensure()
    try:
        yield worker
    finally:
        worker.stop()


@contextlib.contextmanager
def kept_worker() -> Iterator[None]:
    """Lend a worker of every queue to a block that cannot look after it: one that ends is started again by a thread."""
    with local_worker(tuple(settings.QUEUES)) as worker:
        is_over = threading.Event()
        keeper = threading.Thread(target=_keep, args=(worker, is_over), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            is_over.set()
            keeper.join()


def _keep(worker: LocalWorker, is_over: threading.Event) -> None:
    while not is_over.wait(_LOOK_SECONDS):
        try:
            worker.ensure()
        except CommandError as error:
            log.error("worker_given_up", reason=str(error))
            return
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error_type=type(error).__name__)
        finally:
            connection.close()


def _start(queues: Sequence[str]) -> subprocess.Popen[bytes]:
    _log_path().parent.mkdir(parents=True, exist_ok=True)
    manage = str(settings.BASE_DIR / "manage.py")
    command = [sys.executable, manage, "worker", "--queues", ",".join(queues), "--until-eof"]
    with _log_path().open("ab") as log:
        # A session of its own: Ctrl-C in the terminal reaches the command, which then ends the job in order. The pipe
        # ends the worker should the command be killed.
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )


def _log_path() -> Path:
    return Path(settings.LOG_DIR) / "worker.log"
