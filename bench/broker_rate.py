"""`python -m bench.broker_rate`: how many hints and how many trivial videos a second each broker carries here.

A trivial video has five rows (script, two parts, their join, package), each claimed, made and committed like any other.
SQS is a server of the tests, so its rate is a lower bound of that server and says nothing about Amazon's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.site import customer, running, temporary_site
from canvascast.env import ROOT
from tests.brokers import NotInstalled, broker

BROKERS = ("orm", "redis", "sqs")
USERS = 50
_MOST_SECONDS = 600.0


def main() -> int:
    """Measure one broker, or each in a process of its own, for settings are read once."""
    options = _options()
    if options.broker:
        return _measure(options)
    return max(
        subprocess.run(
            [sys.executable, "-m", "bench.broker_rate", "--broker", name, *sys.argv[1:]], cwd=ROOT
        ).returncode
        for name in BROKERS
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", choices=BROKERS)
    parser.add_argument("--hints", type=int, default=1000)
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="canvascast-broker-") as folder:
        try:
            with broker(options.broker, Path(folder)) as environment:
                environment |= {"DJANGO_SETTINGS_MODULE": "bench.settings_trivial"}
                with temporary_site(**environment, WORKER_PROCESSES=str(options.processes)):
                    _print(options, _hints(options.hints), _videos(options.videos))
        except NotInstalled as reason:
            print(f"{options.broker}: not measured. {reason}")
    return 0


def _hints(number: int) -> tuple[float, float]:
    """Return how many hints a second are sent by one process, and how many the workers take."""
    from canvascast import hint_queue

    began = time.perf_counter()
    for _ in range(number):
        hint_queue.send("apps.pipeline.tasks.run_step", 0, queue="steps")
    sent = number / (time.perf_counter() - began)
    return sent, _rate_of_work(lambda: number - hint_queue.waiting("steps"), number)


def _videos(number: int) -> float:
    """Return how many trivial videos a second are made from their orders on."""
    from apps.pipeline.models import Job
    from apps.pipeline.states import JobState

    users = [customer(f"user{n}@example.com", credits=1000) for n in range(USERS)]
    for turn in range(-(-number // USERS)):
        for user in users[: number - turn * USERS]:
            _order(user)
    ready = Job.objects.filter(state=JobState.READY)
    rate = _rate_of_work(ready.count, number)
    assert Job.objects.count() == ready.count() == number
    return rate


def _order(user: object) -> None:
    from tests.engine.conftest import start

    start(user, "one two")  # type: ignore[arg-type]  # a user, whose class needs the settings


def _rate_of_work(done: Callable[[], int], number: int) -> float:
    """Run the worker service until all is done; return how much of the second tenth to the last was done a second.

    The start of its processes is not counted.
    """
    begun_at = begun = 0.0
    with running(sys.executable, str(ROOT / "manage.py"), "worker", "--queues", "steps"):
        deadline = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < deadline:
            count, now = done(), time.monotonic()
            if not begun_at and count >= number / 10:
                begun_at, begun = now, count
            if count >= number:
                return (number - begun) / (now - begun_at)
            time.sleep(0.1)
    raise TimeoutError(f"only {done()} of {number} were done")


def _print(options: argparse.Namespace, hints: tuple[float, float], videos: float) -> None:
    print(
        f"{options.broker}: {hints[0]:.0f} hints a second sent by one process, {hints[1]:.0f} taken by "
        f"{options.processes}; {videos:.1f} trivial videos a second ({5 * videos:.0f} rows), "
        f"{os.cpu_count()} cores shared by database, broker and workers",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
