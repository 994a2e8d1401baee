"""The worker service, crash-only: a django-q2 cluster in a process group of its own, watched and restarted as a whole.

A process that dies can leave the cluster's shared queue locked for good, so nothing is repaired: any unexpected death,
or hints that nobody picks up, kills the whole group; leases and the sweep take care of the work.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import socket
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.pipeline import engine, processes, queues, sweep
from apps.pipeline.cluster import Cluster
from apps.pipeline.models import StepAttempt
from apps.pipeline.scratch import clear_scratch
from canvascast import hint_queue
from canvascast.logs import get_logger
from canvascast.storages import clear_abandoned

log = get_logger("worker")

_SWEEP_SECONDS = 1.0
# Whoever looks takes a service for dead after SILENT_AFTER.
_BEAT_SECONDS = 3.0
_CLEAN_SECONDS = 3600.0
_HANG_SECONDS = 20
# Work that is no step shows its signs of life less often: one file of an export may take minutes.
_HANG_SECONDS_WITHOUT_STEPS = 900
_RESTART_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_MOST_DOUBLINGS = 6
_DRAIN_LOOK_SECONDS = 0.1


class StopRequest:
    """Tells the supervisors of a service to end; safe in signal handlers, which may take no lock.

    `file` can be read once it was asked for, and so ends whatever wait looks at it.
    """

    def __init__(self) -> None:
        self.is_made = False
        self.is_urgent = False
        self.file, self._other_end = os.pipe()

    def make(self, *, urgent: bool = False) -> None:
        """Ask for the end; a second time, or `urgent`: without a grace for work in hand."""
        self.is_urgent = urgent or self.is_made
        self.is_made = True
        os.write(self._other_end, b".")

    def wait(self, seconds: float | None = None) -> None:
        """Return when it was made, or after that time."""
        poll = select.poll()
        poll.register(self.file, select.POLLIN)
        poll.poll(None if seconds is None else 1000 * seconds)


class Supervisor:
    """Keeps one queue's cluster of so many `processes` alive until told to stop."""

    def __init__(self, queue: str, processes: int, stop: StopRequest) -> None:
        self.queue = queue
        # Containers share host names and pids, and machines use theirs again.
        self.name = f"{socket.gethostname()}-{secrets.token_hex(3)}:{os.getpid()}:{queue}"
        self.cluster = Cluster(queue, processes, self.name, stop.file)
        self._hints = hint_queue.Watch()
        self._stop = stop
        self._failed_starts = 0
        self._next_sweep = self._next_beat = self._next_cleaning = 0.0

    def run(self) -> None:
        """Start the cluster and watch it; returns once a stop was asked for, with everything it held given back."""
        try:
            self._start()
            while not self._stop.is_made:
                self._watch()
            self._drain()
        finally:
            self.cluster.kill()
            self._give_back(culprits=set())
            with contextlib.suppress(DatabaseTrouble):
                sweep.forget_beat(self.name)

    def _start(self) -> None:
        clear_scratch()
        self._next_beat = 0.0
        self.cluster.start()

    def _watch(self) -> None:
        self.cluster.wait(max(self._next_sweep - time.monotonic(), 0.0))
        trouble = self.cluster.trouble()
        if time.monotonic() >= self._next_sweep:
            self._sweep()
            self._next_sweep = time.monotonic() + _SWEEP_SECONDS
            processes.reap_orphans()
            trouble = trouble or ("hints are not picked up" if self._is_hanging() else "")
        if trouble:
            self._restart(trouble)
        if time.monotonic() >= self._next_cleaning:
            self._clean()
            self._next_cleaning = time.monotonic() + _CLEAN_SECONDS

    def _clean(self) -> None:
        clear_scratch()
        clear_abandoned()
        with contextlib.suppress(DatabaseTrouble):
            sweep.forget_old_beats()

    def _restart(self, trouble: str) -> None:
        log.error("cluster_restarted", queue=self.queue, reason=trouble)
        culprits = self.cluster.culprits()
        self._failed_starts = 0 if self.cluster.is_whole else self._failed_starts + 1
        self.cluster.kill()
        self._give_back(culprits)
        doublings = min(self._failed_starts, _MOST_DOUBLINGS)
        self._stop.wait(min(_RESTART_PAUSE_SECONDS * 2**doublings, _LONGEST_PAUSE_SECONDS))
        if not self._stop.is_made:
            self._start()

    def _drain(self) -> None:
        """Let work in hand end within the grace while nothing new is begun; what is left then is given back."""
        until = time.monotonic() + settings.WORKER_GRACE_SECONDS
        if self._stop.is_urgent or not self.cluster.is_whole or not settings.WORKER_GRACE_SECONDS:
            return
        log.info("draining", queue=self.queue, seconds=settings.WORKER_GRACE_SECONDS)
        self.cluster.ask_to_end()
        with contextlib.suppress(DatabaseTrouble):
            self._beat()
        while not (self.cluster.has_ended or self._stop.is_urgent or time.monotonic() > until):
            time.sleep(_DRAIN_LOOK_SECONDS)
        log.info("drained", queue=self.queue, complete=self.cluster.has_ended)

    def _beat(self) -> None:
        is_draining = self._stop.is_made
        sweep.beat(self.name, self.queue, processes=self.cluster.processes, is_draining=is_draining)

    def _is_hanging(self) -> bool:
        """Tell whether hints have waited long, a worker is free to take them, and nobody has begun or ended work.

        Nor shown that it goes on: what is no step and takes long says so itself.
        """
        patience = _HANG_SECONDS if self.queue in queues.film_queues() else _HANG_SECONDS_WITHOUT_STEPS
        is_new = time.monotonic() - self.cluster.started_at < patience
        if is_new or self.cluster.signs.were_shown_within(patience):
            return False
        with contextlib.suppress(DatabaseTrouble):
            long_ago = timezone.now() - timedelta(seconds=patience)
            if not self._hints.is_untaken(self.queue, for_seconds=patience):
                return False
            mine = StepAttempt.objects.filter(worker__startswith=f"{self.name}/")
            # Not rows that run: one may be canceled while its process is still in the midst of it.
            busy = mine.filter(outcome="", started_at__gt=self._cluster_since()).values("worker").distinct()
            if busy.count() >= self.cluster.processes:
                return False
            return not mine.filter(Q(started_at__gt=long_ago) | Q(finished_at__gt=long_ago)).exists()
        return False

    def _cluster_since(self) -> datetime:
        return timezone.now() - timedelta(seconds=time.monotonic() - self.cluster.started_at)

    def _sweep(self) -> None:
        try:
            if self.cluster.is_whole and time.monotonic() >= self._next_beat:
                self._beat()
                self._next_beat = time.monotonic() + _BEAT_SECONDS
            sweep.sweep(self.queue)
        except DatabaseTrouble as error:
            log.warning("database_unavailable", error_type=type(error).__name__)
            connection.close()

    def _give_back(self, culprits: set[int]) -> None:
        names = [f"{self.name}/{pid}" for pid in culprits]
        try:
            released = engine.release_service(self.name, culprits=names)
            hint_queue.forget_taken(self.queue)
            log.info("work_given_back", queue=self.queue, released=released, culprits=len(names))
        except DatabaseTrouble:
            connection.close()
