"""R8: a video is stopped at a random moment: at once for its owner, soon for the programs that work on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
import pytest
from django.db.models import Sum

from apps.billing import queries as billing
from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import JobState, StepState
from tests.api.conftest import key_client
from tests.chaos import evidence
from tests.chaos.clients import storm
from tests.chaos.crowd import CREDITS, Crowd
from tests.chaos.fleet import EVERYTHING, STEPS_ONLY, running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.records import Scenarios, Scene
from tests.workers import is_left

pytestmark = pytest.mark.goal("R8")
SEED = 8
# Where leases are long, as in production, workers look for their job's end once a second.
LEASE_SECONDS = 30
_GIVE_UP_SECONDS = 15.0


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.django_db(transaction=True)
def test_stopped_videos_end_at_once_with_all_that_works_on_them(tmp_path: Path, settings, scenario: Scenarios):
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "100000/min")
    with (
        storm_ground(tmp_path) as environment,
        scenario("R8", "cancel", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment | {"LEASE_SECONDS": str(LEASE_SECONDS)}, EVERYTHING, STEPS_ONLY),
    ):
        cancels = cancel_many(Crowd(40, Random(SEED)), scene, cancels=200, clients=3)

        assert max(cancel.answered for cancel in cancels) <= 5
        assert max(cancel.gone for cancel in cancels if cancel.children) <= 2


@dataclass(frozen=True)
class Cancel:
    """Seconds from the request to the answer, and until the last of `children` that worked for the job was gone."""

    answered: float
    gone: float
    children: int


def cancel_many(crowd: Crowd, scene: Scene, *, cancels: int, clients: int) -> list[Cancel]:
    """Order videos and stop each after a random while, several at once; all of their credits must be accounted for."""
    programs = {user.pk: key_client(user) for user in crowd.users}
    # The first request loads the whole site.
    next(iter(programs.values())).get("/api/v1/projects")

    def order_and_stop(job: Job, wait: float) -> Cancel:
        time.sleep(wait)
        children = _children_of(job)
        began = time.monotonic()
        answer = programs[job.user_id].post(f"/api/v1/jobs/{job.pk}/cancel")
        answered = time.monotonic() - began
        assert answer.status_code == 200, answer.content
        assert answer.json()["job"]["status"] == JobState.CANCELED
        _wait_for(lambda: not any(is_left(child) for child in children))
        return Cancel(answered, time.monotonic() - began, len(children))

    cases: list[tuple[list[str], float]] = []
    for _ in range(cancels):
        kind, longer = crowd.random.choice((("film", 1), ("film", 1), ("render", 20), ("nap", 1)))
        words = [crowd.word("nap", 0, 300), crowd.word(kind, 40_000 * longer, 60_000 * longer)]
        cases.append((words, crowd.random.uniform(0, 2.5)))
    done: list[Cancel] = []
    jobs: list[Job] = []
    while cases:
        now, cases = cases[:clients], cases[clients:]
        started = [(crowd.order(*words), wait) for words, wait in now]
        jobs += [job for job, _ in started]
        stormed = storm(lambda case: order_and_stop(*case), started, clients=len(started))
        assert stormed.raised() == []
        done += stormed.returned()

    with_children = [cancel.gone for cancel in done if cancel.children]
    scene.note(cancels=len(done), canceled_most_seconds=round(max(cancel.answered for cancel in done), 3))
    scene.note(with_children=len(with_children), gone_p50_seconds=evidence.percentile(with_children, 0.5))
    scene.note(gone_most_seconds=round(max(with_children, default=0.0), 3))
    assert max(with_children, default=0.0) < _GIVE_UP_SECONDS
    assert evidence.outcomes(jobs) == {JobState.CANCELED: len(jobs)}
    _hold_accounts(crowd, jobs)
    return done


def _hold_accounts(crowd: Crowd, jobs: list[Job]) -> None:
    """Nothing is set aside any more, and what is missing is what stopped jobs kept for what was finished."""
    charged = Job.objects.filter(pk__in=[job.pk for job in jobs]).aggregate(cost=Sum("cost"))["cost"]
    balances = [billing.balance(user.pk) for user in crowd.users]
    assert sum(balance.held for balance in balances) == 0
    assert sum(balance.available for balance in balances) == CREDITS * len(crowd.users) - charged


def _children_of(job: Job) -> list[psutil.Process]:
    """Return the programs that run for the job now: those below the workers that hold its rows."""
    running = JobStep.objects.filter(job=job, state=StepState.RUNNING).values_list("worker", flat=True)
    found: list[psutil.Process] = []
    for worker in running:
        with suppress(psutil.NoSuchProcess):
            found += psutil.Process(int(worker.rsplit("/", 1)[1])).children(recursive=True)
    return found


def _wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
