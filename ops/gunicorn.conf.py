"""For `gunicorn -c ops/gunicorn.conf.py`: the numbers of web processes that are gone stay right.

With PROMETHEUS_MULTIPROC_DIR each process keeps its numbers in files there, of which /metrics tells the sum. They are
emptied when the server starts; while it runs, what a process counted outlives it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def on_starting(server: Arbiter) -> None:
    """Begin at zero, as Prometheus expects of a server that was restarted."""
    if _FOLDER:
        shutil.rmtree(_FOLDER, ignore_errors=True)
        Path(_FOLDER).mkdir(parents=True)


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Take away what only a living process has a number for."""
    if _FOLDER:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
