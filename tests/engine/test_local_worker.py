"""The worker that a command starts for itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.pipeline.console.worker import LocalWorker
from apps.pipeline.models import WorkerBeat
from canvascast.env import ROOT
from tests.workers import is_left, test_database_url, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

WORKER_THAT_ENDS_AT_ONCE = "from pathlib import Path; Path(__file__).with_name('starts').open('a').write('x')"


def test_worker_that_cannot_start_is_started_five_times_and_no_more(settings, tmp_path: Path):
    (tmp_path / "manage.py").write_text(WORKER_THAT_ENDS_AT_ONCE)
    settings.BASE_DIR, settings.LOG_DIR = tmp_path, tmp_path / "log"
    worker = LocalWorker()
    for _ in range(5):
        worker.ensure()
        worker._process.wait(20)

    with pytest.raises(CommandError) as error:
        worker.ensure()

    assert str(error.value) == f"The worker does not start; {tmp_path / 'log' / 'worker.log'} says why."
    assert error.value.returncode == 1
    assert (tmp_path / "starts").read_text() == "xxxxx"


def test_worker_that_ends_now_and_then_may_be_started_for_ever():
    worker = LocalWorker()
    for start in range(5):
        worker._count_start(now=start)

    with pytest.raises(CommandError):
        worker._count_start(now=599.9)
    worker._count_start(now=600)
    with pytest.raises(CommandError):
        worker._count_start(now=600.9)
    worker._count_start(now=601)


@pytest.mark.slow  # waits for leases
def test_worker_that_dies_is_started_again_while_the_site_runs(trivial, settings, tmp_path: Path):
    site = start_site(tmp_path)
    try:
        wait_until(lambda: queues_served() == set(settings.QUEUES), seconds=30, what="a worker for every queue")
        first = workers_seen(site)
        first[0].kill()
        wait_until(lambda: len(workers_seen(site)) == 1 and workers_seen(site) != first, seconds=30, what="another")
        started = psutil.Process(site.pid).children(recursive=True)
    finally:
        site.send_signal(signal.SIGTERM)
        log, _ = site.communicate(timeout=30)

    assert site.returncode == 0, log
    assert "worker_given_up" not in log
    wait_until(lambda: not any(is_left(process) for process in started), seconds=20, what="the end of every process")


def start_site(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "run", "--port", "0"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.engine.settings_trivial",
            "DATABASE_URL": test_database_url(),
            "CANVASCAST_VAR": str(folder),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def queues_served() -> set[str]:
    return set(WorkerBeat.objects.values_list("queue", flat=True))


def workers_seen(site: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the site's workers that live and have shown themselves."""
    names = WorkerBeat.objects.values_list("name", flat=True)
    pids = {int(name.split(":")[-2]) for name in names}
    return [child for child in psutil.Process(site.pid).children() if child.pid in pids and is_left(child)]


def test_site_on_a_taken_port_is_refused_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CommandError) as refused:
            call_command("run", port=port)

    assert str(refused.value) == f"Port {port} cannot be used; name another: make run PORT=8001"
    assert refused.value.returncode == 2
