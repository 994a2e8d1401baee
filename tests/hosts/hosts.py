"""Hosts of a test: process trees with folders of their own, which share a database and a bucket and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from canvascast.env import ROOT
from tests.hosts.network import Cable

WEB_PORT = 8000
LEASE_SECONDS = 2


@dataclass
class Host:
    """One machine. Without a cable it is only a process tree of its own, for tests that cut nothing."""

    name: str
    folder: Path
    shared: dict[str, str]
    cable: Cable | None = None
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a program on the host; its output goes to `folder`/log."""
        entrance = ("ip", "netns", "exec", self.cable.namespace) if self.cable else ()
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*entrance, *command], cwd=ROOT, env=self._environment() | environment, stdout=log, stderr=log
            )
        self._started.append(process)
        return process

    def run(self, *command: str) -> str:
        """Run a program on the host to its end and return what it printed."""
        entrance = ("ip", "netns", "exec", self.cable.namespace) if self.cable else ()
        done = subprocess.run(
            [*entrance, *command], cwd=ROOT, env=self._environment(), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start_worker(self, queues: str, *, processes: int = 1) -> subprocess.Popen[bytes]:
        command = (sys.executable, "manage.py", "worker", "--queues", queues)
        return self.start(*command, WORKER_PROCESSES=str(processes))

    def start_bare_worker(self, queue: str) -> None:
        """Start one process that works on `queue`, with no service that would restart it."""
        self.start(sys.executable, "-m", "tests.hosts.work", queue)

    def start_web(self) -> None:
        gunicorn = str(Path(sys.executable).parent / "gunicorn")
        shape = ("--worker-class", "gthread", "--threads", "4")
        self.start(gunicorn, "canvascast.wsgi", *shape, "--bind", f"0.0.0.0:{WEB_PORT}")

    def stop(self) -> None:
        """End what runs on the host, as an operator does."""
        for process in self._started:
            process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._started.clear()

    def processes(self) -> list[psutil.Process]:
        """Return everything that runs on the host."""
        below = [child for started in self._started for child in _children(started.pid)]
        return [process for process in below if process.is_running()]

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def made(self, worker: str) -> bool:
        """Tell whether the name under which a row was worked on is one of this host's.

        A service's is machine:pid:queue/pid of the process, a bare process has machine/pid.
        """
        pids = {str(started.pid) for started in self._started}
        return bool(pids & {*worker.split(":")[1:2], worker.rpartition("/")[2]})

    def _environment(self) -> dict[str, str]:
        own = {
            "HOST_NAME": self.name,
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "CANVASCAST_VAR": str(self.folder / "var"),
            "DJANGO_SETTINGS_MODULE": "tests.hosts.settings_host",
            "LEASE_SECONDS": str(LEASE_SECONDS),
        }
        return {**os.environ, **self.shared, **own}


@dataclass(frozen=True)
class Site:
    """Some hosts and what they share."""

    hosts: dict[str, Host]
    database_url: str

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql, parameters).fetchall()

    def state_of(self, job_id: str) -> str:
        return self.query("SELECT state FROM jobs WHERE id = %s", job_id)[0][0]

    def broken(self) -> list[str]:
        """Return a line for each invariant that does not hold, as the product's own command finds them."""
        any_host = next(iter(self.hosts.values()))
        command = (sys.executable, "manage.py", "reconcile", "--deep")
        done = subprocess.run(
            command, cwd=ROOT, env=any_host._environment(), capture_output=True, text=True, timeout=120
        )
        return [] if done.returncode == 0 else [done.stdout + done.stderr[-2000:]]


def order_by_http(address: str, secret: str, body: dict[str, Any]) -> str:
    """Order a video from the web host at `address`; return the job's id."""
    request = urllib.request.Request(
        f"http://{address}:{WEB_PORT}/api/v1/projects",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: str = json.load(answer)["jobId"]
    return found


def wait_for(holds: Callable[[], bool], *, seconds: float, what: str, hosts: Sequence[Host] = ()) -> float:
    """Poll until `holds`; return after how many seconds. Raises AssertionError with the hosts' logs."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            logs = "\n".join(f"--- {host.name}\n{host.log()[-3000:]}" for host in hosts)
            raise AssertionError(f"waited {seconds:g} s in vain for {what}\n{logs}")
        time.sleep(0.1)
    return time.monotonic() - began


@contextlib.contextmanager
def opened_hosts(
    names: Sequence[str], folder: Path, shared: dict[str, str], cables: dict[str, Cable]
) -> Iterator[dict[str, Host]]:
    """Lend hosts to the block and end whatever runs on them."""
    hosts = {}
    for name in names:
        own = folder / name
        own.mkdir(parents=True)
        hosts[name] = Host(name, own, shared, cables.get(name))
    try:
        yield hosts
    finally:
        for host in hosts.values():
            host.stop()


def _children(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []
