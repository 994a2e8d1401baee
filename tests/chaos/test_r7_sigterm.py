"""R7: a service that is told to end leaves soon, gives back what it held, and nobody's attempt is used up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from random import Random

import pytest

from apps.pipeline.models import Job, JobStep, StepAttempt, WorkerBeat
from apps.pipeline.states import StepState
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, STEPS_ONLY, Fleet, Service, running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.records import Scenarios, Scene
from tests.workers import is_left, wait_until

pytestmark = pytest.mark.goal("R7")
SEED = 7
EXIT_SECONDS = 20


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.django_db(transaction=True)
def test_services_told_to_end_give_their_work_back_unharmed(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        scenario("R7", "SIGTERM", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment, EVERYTHING, STEPS_ONLY) as fleet,
    ):
        crowd, jobs = Crowd(60, Random(SEED)), list[Job]()
        # Longer than any grace: these can only be given back, and would fail at the third attempt that was counted.
        jobs += [crowd.order(crowd.word("nap", 30_000, 30_000)) for _ in range(2)]
        goodbyes = end_again_and_again(fleet, 50, lambda: jobs.extend(small_jobs(crowd)))
        wait_until(lambda: evidence.all_ended(jobs), seconds=300, what="the end of every job")

        left = sum(goodbye.held + goodbye.beats for goodbye in goodbyes)
        lost = StepAttempt.objects.filter(job_step__job__in=jobs, outcome="LOST").count()
        given_back = StepAttempt.objects.filter(job_step__job__in=jobs, outcome="RELEASED").count()
        exits = [goodbye.seconds for goodbye in goodbyes]
        scene.note(sigterms=len(goodbyes), given_back=given_back, attempts_burnt=lost, leases_left=left)
        scene.note(exit_p50_seconds=evidence.percentile(exits, 0.5), exit_most_seconds=round(max(exits), 3))
        scene.note(processes_left=sum(goodbye.processes for goodbye in goodbyes), jobs=len(jobs))
        assert lost == 0
        assert left == 0
        assert sum(goodbye.processes for goodbye in goodbyes) == 0
        assert given_back > 0
        assert evidence.outcomes(jobs) == {"READY": len(jobs)}
        assert max(exits) <= EXIT_SECONDS


def end_once(service: Service, crowd: Crowd, scene: Scene) -> None:
    """End a service in the middle of work that others go on with."""
    jobs = [crowd.order(crowd.word("nap", 300, 600), crowd.word("nap", 300, 600)) for _ in range(3)]
    held = JobStep.objects.filter(job__in=jobs, worker__contains=f":{service.pid}:", state=StepState.RUNNING)
    wait_until(held.exists, seconds=20, what="work in hand")
    seconds = service.end()
    goodbye = Goodbye(f":{service.pid}:", seconds, 0)
    wait_until(lambda: evidence.all_ended(jobs), seconds=60, what="the end of every job")

    lost = StepAttempt.objects.filter(job_step__job__in=jobs, outcome="LOST").count()
    scene.note(sigterms=1, exit_most_seconds=round(seconds, 3), attempts_burnt=lost)
    assert (goodbye.held, goodbye.beats, lost) == (0, 0, 0)
    assert evidence.outcomes(jobs) == {"READY": len(jobs)}


class Goodbye:
    """How one service left: the rows that it still held, its beats, and its processes that were left."""

    def __init__(self, name: str, seconds: float, processes: int) -> None:
        self.seconds, self.processes = seconds, processes
        self.held = JobStep.objects.filter(worker__contains=name, state=StepState.RUNNING).count()
        self.beats = WorkerBeat.objects.filter(name__contains=name).count()


def small_jobs(crowd: Crowd) -> list[Job]:
    missing = 8 - crowd.open_jobs()
    return [
        crowd.order(*(crowd.word("nap", 100, 1500) for _ in range(2)), crowd.word("film", 100, 2000))
        for _ in range(missing)
    ]


def end_again_and_again(fleet: Fleet, times: int, feed: Callable[[], None]) -> list[Goodbye]:
    """Tell services to end at random moments, each as soon as it is whole again, until that many were."""
    left: SimpleQueue[tuple[str, float, int]] = SimpleQueue()
    turns = threading.Semaphore(times)
    lanes = [threading.Thread(target=_end_and_start, args=(each, turns, left), daemon=True) for each in fleet.services]
    for lane in lanes:
        lane.start()
    goodbyes: list[Goodbye] = []
    while len(goodbyes) < times:
        assert any(lane.is_alive() for lane in lanes) or not left.empty(), "no service came back"
        feed()
        while not left.empty():
            goodbyes.append(Goodbye(*left.get()))
        time.sleep(0.1)
    return goodbyes


def _end_and_start(service: Service, turns: threading.Semaphore, left: SimpleQueue[tuple[str, float, int]]) -> None:
    random = Random(f"{SEED} {service.number}")
    while turns.acquire(blocking=False):
        wait_until(service.is_whole, seconds=300, what="the whole service")
        time.sleep(random.uniform(0.2, 2.5))
        below = [member.process for member in service.members()]
        name = f":{service.pid}:"
        seconds = service.end()
        left.put((name, seconds, sum(is_left(process) for process in below)))
        service.start()
