"""The worker service, crash-only: a django-q2 cluster in a process group of its own, watched and restarted as a whole.

A process that dies can leave the cluster's shared queue locked for good, so nothing is repaired: any unexpected death,
or hints that nobody picks up, kills the whole group; leases and the sweep take care of the work.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psutil
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.pipeline import catalogue, engine, sweep
from apps.pipeline.models import JobStep, StepAttempt
from apps.pipeline.runner import clear_scratch
from apps.pipeline.states import StepState
from canvascast import hint_queue
from canvascast.logs import get_logger
from canvascast.storages import clear_abandoned

log = get_logger("worker")

_POLL_SECONDS = 0.25
_SWEEP_SECONDS = 1.0
_CLEAN_SECONDS = 3600.0
_START_SECONDS = 20.0
_HANG_SECONDS = 20
# Work that is no step leaves no attempt by which it is seen to go on: an export may take minutes.
_HANG_SECONDS_WITHOUT_STEPS = 900
_RESTART_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# The cluster's own process, its sentinel, the monitor and the pusher.
_PROCESSES_BESIDE_WORKERS = 4


class Supervisor:
    """Keeps one queue's cluster alive until told to stop."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self._watch = hint_queue.Watch()
        self.name = f"{socket.gethostname()}:{os.getpid()}:{queue}"
        # A plain attribute: taking an Event's lock in a signal handler can dead-lock with the wait it interrupts.
        self._stopping = False
        self._cluster: subprocess.Popen[bytes] | None = None
        self._sentinel: set[int] = set()
        self._members: set[int] = set()
        self._started_at = 0.0
        self._failed_starts = 0

    def stop(self) -> None:
        """Ask `run` to end; safe in a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Start the cluster and watch it; returns after `stop`, with everything it held given back."""
        try:
            self._start()
            next_sweep = next_cleaning = 0.0
            while not self._stopping:
                time.sleep(_POLL_SECONDS)
                trouble = self._trouble()
                if trouble:
                    self._restart(trouble)
                if time.monotonic() >= next_sweep:
                    self._sweep()
                    next_sweep = time.monotonic() + _SWEEP_SECONDS
                if time.monotonic() >= next_cleaning:
                    clear_abandoned()
                    next_cleaning = time.monotonic() + _CLEAN_SECONDS
        finally:
            self._kill()
            self._give_back(culprits=set())
            with contextlib.suppress(DatabaseTrouble):
                sweep.forget_beat(self.name)

    def _start(self) -> None:
        clear_scratch()
        environment = {**os.environ, "Q_CLUSTER_NAME": self.queue, "WORKER_NAME": self.name}
        manage = str(Path(settings.BASE_DIR) / "manage.py")
        self._members, self._sentinel = set(), set()
        self._started_at = time.monotonic()
        self._cluster = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, manage, "run_cluster", str(os.getpid())], env=environment, start_new_session=True
        )

    def _restart(self, trouble: str) -> None:
        log.error("cluster_restarted", queue=self.queue, reason=trouble)
        culprits = self._culprits()
        self._kill()
        self._give_back(culprits)
        self._failed_starts = 0 if self._members else self._failed_starts + 1
        time.sleep(min(_RESTART_PAUSE_SECONDS * 2**self._failed_starts, _LONGEST_PAUSE_SECONDS))
        self._start()

    def _culprits(self) -> set[int]:
        """Return the workers that died by themselves; when the sentinel died, it took the others with it."""
        assert self._cluster is not None
        gone = self._members - _descendants(self._cluster.pid, depth=2)
        return set() if gone & self._sentinel or self._cluster.poll() is not None else gone

    def _trouble(self) -> str:
        assert self._cluster is not None
        if self._cluster.poll() is not None:
            return f"the cluster ended with {self._cluster.returncode}"
        present = _descendants(self._cluster.pid, depth=2)
        if not self._members:
            return self._note_members(present)
        if self._members - present:
            return "a process of the cluster died"
        return "hints are not picked up" if self._is_hanging() else ""

    def _note_members(self, present: set[int]) -> str:
        assert self._cluster is not None
        if len(present) >= settings.QUEUES[self.queue] + _PROCESSES_BESIDE_WORKERS - 1:
            self._sentinel = _descendants(self._cluster.pid, depth=1)
            self._members = present
        elif time.monotonic() - self._started_at > _START_SECONDS:
            return "the cluster did not start"
        return ""

    def _is_hanging(self) -> bool:
        """Tell whether hints have waited long, a worker is free to take them, and nobody has begun or ended work."""
        patience = _patience_seconds(self.queue)
        if time.monotonic() - self._started_at < patience:
            return False
        with contextlib.suppress(DatabaseTrouble):
            long_ago = timezone.now() - timedelta(seconds=patience)
            if not self._watch.is_untaken(self.queue, for_seconds=patience):
                return False
            held = JobStep.objects.filter(worker__startswith=f"{self.name}/", state=StepState.RUNNING)
            if held.count() >= settings.QUEUES[self.queue]:
                return False
            active = Q(started_at__gt=long_ago) | Q(finished_at__gt=long_ago)
            return not StepAttempt.objects.filter(active, worker__startswith=f"{self.name}/").exists()
        return False

    def _sweep(self) -> None:
        try:
            if self._members:
                sweep.beat(self.name, self.queue)
            sweep.sweep(self.queue)
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error_type=type(error).__name__)
            connection.close()

    def _kill(self) -> None:
        if self._cluster is None:
            return
        processes = _tree(self._cluster.pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._cluster.pid, signal.SIGKILL)
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._cluster.wait()

    def _give_back(self, culprits: set[int]) -> None:
        names = [f"{self.name}/{pid}" for pid in culprits]
        try:
            released = engine.release_service(self.name, culprits=names)
            hint_queue.forget_taken(self.queue)
            log.info("work_given_back", queue=self.queue, released=released, culprits=len(names))
        except DatabaseTrouble:
            connection.close()


def _patience_seconds(queue: str) -> int:
    has_steps = any(step.queue == queue for step in catalogue.steps())
    return _HANG_SECONDS if has_steps else _HANG_SECONDS_WITHOUT_STEPS


def _tree(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def _descendants(pid: int, *, depth: int) -> set[int]:
    """Return the pids of living children down to `depth` generations; deeper ones come and go with the work."""
    level = [pid]
    found: set[int] = set()
    for _ in range(depth):
        level = [child.pid for parent in level for child in _children(parent)]
        found.update(level)
    return found


def _children(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [child for child in psutil.Process(pid).children() if child.status() != psutil.STATUS_ZOMBIE]
    return []
