"""A whole site for a measurement: production settings, an embedded database, gunicorn and workers, on this machine."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from canvascast.checks import DEPLOY_ENVIRONMENT
from canvascast.embedded.postgres import embedded_database
from canvascast.env import ROOT

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.pipeline.models import Job

HOST = "127.0.0.1"


@contextlib.contextmanager
def temporary_site(**environment: str) -> Iterator[Path]:
    """Set this process and its children up for a site of its own, empty and migrated; yield its folder."""
    with tempfile.TemporaryDirectory(prefix="canvascast-bench-") as name, _database(Path(name)) as url:
        os.environ.update(DEPLOY_ENVIRONMENT | {"ALLOWED_HOSTS": HOST, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"})
        os.environ["CANVASCAST_VAR"] = str(Path(name) / "var")
        os.environ.update(environment)
        subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"], check=True)
        import django

        django.setup()
        yield Path(name)


@contextlib.contextmanager
def served(port: int) -> Iterator[None]:
    """Run the web processes for the block, with the files of the pages collected as for production."""
    collect = (sys.executable, str(ROOT / "manage.py"), "collectstatic", "--noinput", "--verbosity", "0")
    subprocess.run(collect, check=True)
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    shape = ("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "30")
    with running(gunicorn, "canvascast.wsgi", "--bind", f"{HOST}:{port}", *shape, "--log-level", "error"):
        _wait_for(port)
        yield


@contextlib.contextmanager
def working(*arguments: str) -> Iterator[None]:
    """Run the worker service for the block, as its unit does: behind the site where both want the processor."""
    with running("nice", "-n", "5", sys.executable, str(ROOT / "manage.py"), "worker", *arguments):
        yield


@contextlib.contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of the site for the block; it is asked to end, and has a minute for it."""
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def customer(email: str, *, credits: int) -> User:
    """Store a user with credits."""
    from django.utils import timezone

    from apps.accounts.models import User
    from apps.billing import ledger
    from apps.billing.models import Source

    user = User.objects.create_user(email)
    ledger.grant(user_id=user.pk, credits=credits, source=Source.GIFT, reason="", key=email, at=timezone.now())
    return user


def order(user: User, prompt: str) -> Job:
    """Order a video of a minute."""
    from django.utils import timezone

    from apps.pipeline.actions import start_video
    from apps.pipeline.briefs import Order

    return start_video(order=Order(prompt=prompt), by=user, at=timezone.now())


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[str]:
    with embedded_database(folder / "postgres") as url:
        yield url


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")
