"""A real worker service for a test, on the test database."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from django.db import connection

from canvascast.env import ROOT


@contextlib.contextmanager
def running_worker(
    folder: Path,
    settings_module: str,
    *arguments: str,
    queues: str = "steps",
    until_eof: bool = False,
    container: tuple[str, ...] = (),
    root: Path = ROOT,
    **environment: str,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `manage.py worker` until the block ends; its log is `folder`/worker.log.

    `container` is a program that runs it, as `unshare` does; then the block ends it. `root` is the code that runs.
    """
    with (folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            [
                *(*container, sys.executable, str(root / "manage.py"), "worker", "--queues", queues, *arguments),
                *(["--until-eof"] if until_eof else []),
            ],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": settings_module,
                "DATABASE_URL": test_database_url(),
                "CANVASCAST_VAR": str(folder),
                **environment,
            },
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    try:
        yield worker
    finally:
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(30)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def test_database_url() -> str:
    values = connection.settings_dict
    host = values["HOST"] or values["OPTIONS"].get("host", "")
    return f"postgresql://{values['USER']}:{values['PASSWORD']}@/{values['NAME']}?host={host}"


test_database_url.__test__ = False  # type: ignore[attr-defined]


def wait_until(holds: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Poll until `holds` is true. Raises AssertionError naming what was waited for."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.05)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cluster_workers(supervisor: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the cluster's processes below its sentinel: workers, monitor, pusher."""
    return [
        process
        for cluster in psutil.Process(supervisor.pid).children()
        for sentinel in cluster.children()
        for process in sentinel.children()
    ]


def is_left(process: psutil.Process) -> bool:
    """Tell whether more of it is left than the system's own bookkeeping."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
