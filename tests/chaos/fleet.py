"""Worker services as an operator has them: real processes, started again whenever they end, each part by its name."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from canvascast.env import ROOT
from tests.workers import wait_until

EVERYTHING: Mapping[str, int] = {"steps": 2, "quick": 2}
"""Processes by queue of a service that does all there is."""
STEPS_ONLY: Mapping[str, int] = {"steps": 2}
_KEEPER_SECONDS = 0.1
_STOP_SECONDS = 30
_STARTED_LAST = ("pusher", "monitor")


@dataclass(frozen=True)
class Member:
    """A process of a service: what it is for, and of which queue (none for the supervisor)."""

    kind: str
    queue: str
    process: psutil.Process

    @property
    def pid(self) -> int:
        return self.process.pid


@dataclass
class Service:
    """One `manage.py worker`."""

    number: int
    folder: Path
    environment: Mapping[str, str]
    queues: Mapping[str, int]
    starts: list[float] = field(default_factory=list)
    is_wanted: bool = True
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.is_wanted = True
        with (self.folder / f"worker-{self.number}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                env={**os.environ, **self.environment, "CANVASCAST_VAR": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts.append(time.time())

    def _command(self) -> list[str]:
        numbers = ",".join(f"{queue}={number}" for queue, number in self.queues.items())
        asked = ("--queues", ",".join(self.queues), "--concurrency", numbers)
        return [sys.executable, str(ROOT / "manage.py"), "worker", *asked]

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def members(self) -> list[Member]:
        """Return every process of the service that is left, by its place in the tree."""
        found = _living([self.pid])
        if not found:
            return []
        clusters = [_cluster_members(cluster) for cluster in _children(found[0])]
        return [Member("supervisor", "", found[0]), *(member for cluster in clusters for member in cluster)]

    def is_whole(self) -> bool:
        """Tell whether every queue's cluster has all its processes."""
        workers = Counter(member.queue for member in self.members() if member.kind == "worker")
        return all(workers[queue] == number for queue, number in self.queues.items())

    def end(self) -> float:
        """Ask it to end, for good until `start`; return the seconds that took. Kills what is left after a long wait."""
        self.is_wanted = False
        assert self.process is not None
        below = self.members()
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP_SECONDS)
        took = time.monotonic() - began
        if self.process.poll() is None:
            for member in below:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.process.kill()
        self.process.wait()
        return took


class Fleet:
    """Several services on one folder, kept running as a service manager would: `queues` names those of each."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *queues: Mapping[str, int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.services = [Service(number, folder, environment, own) for number, own in enumerate(queues)]
        self._is_over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        for service in self.services:
            service.start()
        self._keeper.start()

    def wait_until_whole(self, *, seconds: float = 120) -> None:
        wait_until(lambda: all(service.is_whole() for service in self.services), seconds=seconds, what="the services")

    def members(self) -> list[Member]:
        return [member for service in self.services for member in service.members()]

    def stop(self) -> list[float]:
        """End every service at once; return how many seconds each took."""
        self._is_over.set()
        self._keeper.join()
        took = [0.0] * len(self.services)

        def end(number: int) -> None:
            took[number] = self.services[number].end()

        threads = [threading.Thread(target=end, args=(number,)) for number in range(len(self.services))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return took

    def _keep(self) -> None:
        while not self._is_over.wait(_KEEPER_SECONDS):
            for service in self.services:
                if service.is_wanted and service.process is not None and service.process.poll() is not None:
                    service.start()


@contextlib.contextmanager
def running_fleet(folder: Path, environment: Mapping[str, str], *queues: Mapping[str, int]) -> Iterator[Fleet]:
    """Run a service for each of `queues`, the processes by queue, until the block ends."""
    fleet = Fleet(folder, environment, *queues)
    fleet.start()
    try:
        fleet.wait_until_whole()
        yield fleet
    finally:
        fleet.stop()


def _cluster_members(cluster: psutil.Process) -> list[Member]:
    queue = _environment(cluster).get("Q_CLUSTER_NAME", "")
    if not queue:
        return []
    found = [Member("cluster", queue, cluster)]
    for sentinel in _children(cluster):
        found.append(Member("sentinel", queue, sentinel))
        below = sorted(_children(sentinel), key=lambda process: process.pid)
        for behind, process in enumerate(reversed(below)):
            kind = _STARTED_LAST[behind] if behind < len(_STARTED_LAST) else "worker"
            found.append(Member(kind, queue, process))
            found += [Member("child", queue, child) for child in _below(process)]
    return found


def _below(process: psutil.Process) -> list[psutil.Process]:
    return [each for child in _children(process) for each in (child, *_below(child))]


def _children(process: psutil.Process) -> list[psutil.Process]:
    """Return its living children by the list that the system keeps for each thread: no walk through all processes."""
    pids: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                pids += map(int, (thread / "children").read_text().split())
    return _living(pids)


def _living(pids: Iterable[int]) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _environment(process: psutil.Process) -> dict[str, str]:
    with contextlib.suppress(psutil.Error):
        return process.environ()
    return {}
