"""Brokers besides PostgreSQL, on loopback: a real Redis where one is installed, and a server that speaks SQS."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

# moto's own account; nothing checks it.
_AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}  # pragma: allowlist secret


class NotInstalled(Exception):
    """The broker's server is not on this machine."""


@contextlib.contextmanager
def broker(name: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run the broker `orm`, `redis` or `sqs`; yield the environment that names it. Raises NotInstalled."""
    if name == "orm":
        yield {"BROKER_URL": ""}
        return
    port = free_port()
    with started(name, port, folder):
        yield environment(name, port)


def environment(name: str, port: int) -> dict[str, str]:
    """Return what names that broker on that port."""
    if name == "redis":
        return {"BROKER_URL": f"redis://127.0.0.1:{port}/0"}
    return {"BROKER_URL": "sqs://eu-central-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", **_AWS}


@contextlib.contextmanager
def started(name: str, port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the broker's server on that port, with nothing in it. Raises NotInstalled."""
    process = subprocess.Popen(_command(name, port), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _command(name: str, port: int) -> list[str]:
    if name == "sqs":
        return [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    server = shutil.which("redis-server")
    if server is None:
        raise NotInstalled("There is no redis-server (package redis-server).")
    return [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")
