"""One django-q2 cluster as processes: started in a group of its own, watched, asked to end, killed as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from apps.pipeline import processes
from canvascast import life_signs

_LOOK_SECONDS = 0.25
# Doubled after each start that came to nothing: a machine that is very busy gets there in the end.
_START_SECONDS, _LONGEST_START_SECONDS = 20.0, 160.0
# Those of the cluster itself are three deep; what a worker starts has its own, and so on.
_DEEPEST = 8
# Below the cluster's own process: its sentinel, the monitor and the pusher.
_PROCESSES_BESIDE_WORKERS = 3


class Cluster:
    """The cluster of `queue` whose workers hold their leases as `service`/pid; `wake_up` ends every wait."""

    def __init__(self, queue: str, processes_at_once: int, service: str, wake_up: int) -> None:
        self.queue = queue
        self.processes = processes_at_once
        self._service = service
        self._wake_up = wake_up
        self._process: subprocess.Popen[bytes] | None = None
        self._mouth = -1
        self._watch: processes.Watch | None = None
        self._sentinel: set[int] = set()
        self._members: set[int] = set()
        self._patience_seconds = _START_SECONDS
        self.started_at = 0.0
        self.signs = life_signs.Signs()

    @property
    def is_whole(self) -> bool:
        """Return whether all its processes have been seen."""
        return self._watch is not None

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def start(self) -> None:
        environment = {**os.environ, "Q_CLUSTER_NAME": self.queue, "WORKER_NAME": self._service}
        manage = str(Path(settings.BASE_DIR) / "manage.py")
        ears, self._mouth = os.pipe()
        numbers = (os.getpid(), self.processes, ears, self.signs.file)
        command = [sys.executable, manage, "run_cluster", *map(str, numbers)]
        self.started_at = time.monotonic()
        try:
            self._process = processes.spawn(command, environment=environment, files=(ears, self.signs.file))
        finally:
            os.close(ears)

    def wait(self, seconds: float) -> None:
        """Return after that time, or at once when a process ended or somebody woke us up."""
        if self._watch is None:
            processes.Watch((), self._wake_up).wait(min(seconds, _LOOK_SECONDS))
        else:
            self._watch.wait(seconds)

    def trouble(self) -> str:
        """Say what is wrong with its processes; empty when nothing is."""
        assert self._process is not None
        if self._process.poll() is not None:
            return f"the cluster ended with {self._process.returncode}"
        if self._watch is None:
            return self._look_for_members(self._process.pid)
        return "a process of the cluster died" if self._watch.ended() else ""

    def culprits(self) -> set[int]:
        """Return the workers that died by themselves; when the sentinel died, it took the others with it."""
        gone = self._watch.ended() & self._members if self._watch is not None else set()
        return set() if gone & self._sentinel or self.has_ended else gone

    def ask_to_end(self) -> None:
        """Have its processes begin nothing more and leave when what they do is done; `has_ended` tells when."""
        if self._process is None:
            return
        self._close_mouth()
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End all of it at once, with whatever its workers started."""
        if self._process is None:
            return
        below = processes.descendants(self._process.pid, depth=_DEEPEST)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pid in below:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        processes.wait_for(self._process)
        self._close_mouth()
        if self._watch is not None:
            self._watch.close()
        self._watch = self._process = None

    def _look_for_members(self, pid: int) -> str:
        present = processes.descendants(pid, depth=2)
        if len(present) >= self.processes + _PROCESSES_BESIDE_WORKERS:
            self._sentinel = processes.descendants(pid, depth=1)
            self._members = present
            self._watch = processes.Watch({pid, *present}, self._wake_up)
            self._patience_seconds = _START_SECONDS
        elif time.monotonic() - self.started_at > self._patience_seconds:
            self._patience_seconds = min(2 * self._patience_seconds, _LONGEST_START_SECONDS)
            return "the cluster did not start"
        return ""

    def _close_mouth(self) -> None:
        if self._mouth >= 0:
            os.close(self._mouth)
            self._mouth = -1
