"""R3: whichever process of a worker service is killed, the service is back by itself and nothing is left over."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from apps.pipeline.models import Job
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, Fleet, Service, running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.killer import Kill, kill, left_over, victim
from tests.chaos.records import Scenarios, Scene
from tests.workers import wait_until

pytestmark = pytest.mark.goal("R3")
SEED = 3
_ORPHANS_AFTER_SECONDS = 10
# Every kind as often as any other: here it counts that each is survived.
_KINDS = dict.fromkeys(("worker", "child", "pusher", "monitor", "sentinel", "cluster", "supervisor"), 1)


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.django_db(transaction=True)
def test_service_is_back_after_the_death_of_any_of_its_processes(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        scenario("R3", "any process", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment, EVERYTHING) as fleet,
    ):
        backs = kill_any(fleet, Crowd(60, Random(SEED)), Random(SEED), scene, kills=100)

        assert evidence.percentile(backs, 0.95) <= 6


def _is_back(service: Service, pid: int) -> bool:
    return service.is_whole() and all(member.pid != pid for member in service.members())


def kill_any(fleet: Fleet, crowd: Crowd, random: Random, scene: Scene, *, kills: int) -> list[float]:
    """Kill one process of the fleet's first service after another; return after how many seconds it worked again."""
    service, made, backs = fleet.services[0], list[Kill](), list[float]()
    jobs: list[Job] = []
    while len(made) < kills:
        wait_until(service.is_whole, seconds=60, what="the whole service")
        jobs.append(crowd.order(crowd.word("film", 2000, 3000), crowd.word("render", 2000, 3000)))
        time.sleep(random.uniform(0, 2))
        chosen = victim(service.members(), random, _KINDS)
        assert chosen is not None
        made.append(kill(service, chosen))
        jobs.append(probe := crowd.order(crowd.word("nap", 10, 10)))
        wait_until(lambda pid=chosen.pid: _is_back(service, pid), seconds=60, what="the whole service again")
        wait_until(lambda probe=probe: evidence.all_ended([probe]), seconds=60, what="work after a kill")
        backs.append(time.time() - made[-1].at)
    wait_until(lambda: evidence.all_ended(jobs), seconds=120, what="the end of every job")
    deadline = made[-1].at + _ORPHANS_AFTER_SECONDS
    while (orphans := left_over(made, fleet)) and time.time() < deadline:
        time.sleep(0.2)

    kinds = Counter(one.kind for one in made)
    scene.note(kills=len(made), **dict(sorted(kinds.items())), orphans=len(orphans))
    scene.note(back_p50_seconds=evidence.percentile(backs, 0.5), back_p95_seconds=evidence.percentile(backs, 0.95))
    scene.note(back_most_seconds=round(max(backs), 3))
    assert orphans == []
    assert evidence.made_twice(jobs) == 0
    return backs
