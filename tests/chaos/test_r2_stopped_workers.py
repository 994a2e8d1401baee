"""R2: workers that are stopped past their lease and then go on, as a machine that was suspended does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from apps.pipeline.models import Job, JobStep, StepAttempt
from apps.pipeline.states import StepState
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, STEPS_ONLY, Fleet, running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.records import Scenarios, Scene
from tests.workers import wait_until

pytestmark = pytest.mark.goal("R2")
SEED = 2
_AT_ONCE = 2
LEASE_SECONDS = 2
# A round of the sweep, and the small jobs' own work.
_SECONDS_TO_GO_ON = 4


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
def test_stopped_workers_commit_nothing_when_they_go_on(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        scenario("R2", "stopped workers", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment, EVERYTHING, STEPS_ONLY) as fleet,
    ):
        stop_and_go_on(fleet, Crowd(30, Random(SEED)), scene, stops=50)


@dataclass(frozen=True)
class Stop:
    """A worker that was stopped while it held a row."""

    row: int
    fence: int
    pid: int
    word: str


def stop_and_go_on(fleet: Fleet, crowd: Crowd, scene: Scene, *, stops: int) -> None:
    """Stop workers in work that looks at nothing, let them go on once their row was taken over, and count refusals."""
    jobs: list[Job] = []
    stopped: list[Stop] = []
    while len(stopped) < stops:
        missing = 2 * _AT_ONCE - crowd.open_jobs()
        jobs += [crowd.order(crowd.word("deaf", 900, 1500)) for _ in range(missing)]
        stopped += _stop_some(fleet, jobs, min(_AT_ONCE, stops - len(stopped)))
    wait_until(lambda: evidence.all_ended(jobs), seconds=120, what="the end of every job")
    wait_until(lambda: not _still_open(stopped), seconds=30, what="the stopped workers to see that they are too late")

    written = {(entry.pid, entry.word) for entry in evidence.diary(fleet.folder, jobs) if entry.what == "end"}
    ends = [_outcome(stop) for stop in stopped]
    at_commit = sum((stop.pid, stop.word) in written for stop in stopped)
    scene.note(stopped=len(stopped), refused=ends.count("STOPPED"), refused_at_commit=at_commit)
    scene.note(committed_late=ends.count("DONE"), jobs=len(jobs), duplicate_artifacts=evidence.made_twice(jobs))
    assert ends.count("DONE") == 0
    assert ends.count("STOPPED") == stops
    assert evidence.made_twice(jobs) == 0
    assert evidence.outcomes(jobs) == {"READY": len(jobs)}


def _stop_some(fleet: Fleet, jobs: list[Job], most: int) -> list[Stop]:
    """Stop workers until others have taken their rows; return which. No row twice: a third start is the last."""
    workers = {member.pid for member in fleet.members() if member.kind == "worker"}
    rows = JobStep.objects.filter(job__in=jobs, part__gt="", state=StepState.RUNNING, attempt=1)
    found = [
        Stop(row.pk, row.fence, pid, row.request["text"])
        for row in rows
        if (pid := int(row.worker.rsplit("/", 1)[1])) in workers
    ][:most]
    for stop in found:
        os.kill(stop.pid, signal.SIGSTOP)
    try:
        # One whose work ended in that very moment was not stopped in it.
        time.sleep(0.05)
        held = [stop for stop in found if _is_held(stop)]
        wait_until(lambda: not any(_is_held(stop) for stop in held), seconds=30, what="others to take the rows")
    finally:
        for stop in found:
            os.kill(stop.pid, signal.SIGCONT)
    return held


def _is_held(stop: Stop) -> bool:
    return JobStep.objects.filter(pk=stop.row, fence=stop.fence, state=StepState.RUNNING).exists()


def _outcome(stop: Stop) -> str:
    return StepAttempt.objects.get(job_step_id=stop.row, fence=stop.fence).outcome


def _still_open(stopped: list[Stop]) -> list[Stop]:
    return [stop for stop in stopped if _outcome(stop) == "LOST"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_worker_stopped_inside_a_transaction_holds_up_nobody_past_its_lease(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        scenario("R2", "stopped inside a transaction", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment, EVERYTHING, STEPS_ONLY) as fleet,
    ):
        crowd, jobs, waits = Crowd(60, Random(SEED)), list[Job](), list[float]()

        def wait_for_all() -> float:
            began = time.monotonic()
            wait_until(lambda: evidence.all_ended(jobs), seconds=60, what="the end of every job")
            return time.monotonic() - began

        while len(waits) < 5:
            missing = 6 - crowd.open_jobs()
            jobs += [crowd.order(*(crowd.word("nap", 0, 5) for _ in range(4))) for _ in range(missing)]
            with _stopped_in_transaction(fleet, crowd.random) as pid:
                if pid is not None:
                    waits.append(wait_for_all())
        wait_for_all()

        scene.note(stopped=len(waits), jobs_held_up_most_seconds=round(max(waits), 3), jobs=len(jobs))
        scene.note(duplicate_artifacts=evidence.made_twice(jobs))
        assert evidence.made_twice(jobs) == 0
        assert evidence.outcomes(jobs) == {"READY": len(jobs)}
        assert max(waits) <= LEASE_SECONDS + _SECONDS_TO_GO_ON


@contextmanager
def _stopped_in_transaction(fleet: Fleet, random: Random) -> Iterator[int | None]:
    """Stop a worker; yields its pid when that left a transaction open, None when it was between two."""
    pid = random.choice(
        [member.pid for member in fleet.members() if member.kind == "worker" and member.queue == "steps"]
    )
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(0.2)
        yield pid if _open_transactions() else None
    finally:
        os.kill(pid, signal.SIGCONT)


def _open_transactions() -> int:
    """Count the transactions of others in which nothing was said for a while."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > interval '150 ms'"
        )
        return int(cursor.fetchone()[0])
