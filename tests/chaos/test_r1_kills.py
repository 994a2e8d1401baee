"""R1: kill -9 at random points while small jobs run."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest

from apps.pipeline.models import Job
from canvascast.operations.reconcile import reconcile
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, Fleet, running_fleet
from tests.chaos.ground import storm_ground, storm_post
from tests.chaos.killer import Kill, kill_someone
from tests.chaos.records import Scenarios, Scene
from tests.wire.resend import ResendServer
from tests.workers import wait_until

pytestmark = pytest.mark.goal("R1")
SEED = 1
LEASE_SECONDS = 2
_OPEN_AT_ONCE = 40
# Nobody gets more mails than twenty in an hour.
_MOST_OF_ONE = 18


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_or_made_twice_in_a_storm_of_kills(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        storm_post() as (post, mail),
        scenario("R1", "kills", size="full", seed=SEED, broken=lambda: reconcile(deep=True)) as scene,
        running_fleet(tmp_path, environment | mail, EVERYTHING, EVERYTHING, EVERYTHING) as fleet,
    ):
        storm = KillStorm(fleet, post, Crowd(250, Random(SEED)), Random(SEED))
        storm.rage(kills=470, jobs=950, least_whole=2)
        for service in fleet.services[1:]:
            service.end()
        storm.rage(kills=30, jobs=50, least_whole=1)
        storm.calm_down(seconds=300)
        beside, alone = storm.tell(scene)

        assert evidence.percentile(beside, 0.99) <= LEASE_SECONDS + 1.5
        assert evidence.percentile(alone, 0.99) <= LEASE_SECONDS + 8


class KillStorm:
    """Orders jobs and kills processes until there were enough of both."""

    def __init__(self, fleet: Fleet, post: ResendServer, crowd: Crowd, random: Random) -> None:
        self.fleet, self.post, self.crowd, self.random = fleet, post, crowd, random
        self.kills: list[Kill] = []
        self.jobs: list[Job] = []

    def rage(
        self, *, kills: int, jobs: int, least_whole: int, open_at_once: int = _OPEN_AT_ONCE, seconds: float = 2400
    ) -> None:
        """Go on until that many more kills were made and jobs ordered; some are open all the time."""
        kills, jobs = kills + len(self.kills), jobs + len(self.jobs)
        deadline = time.monotonic() + seconds
        while len(self.kills) < kills or len(self.jobs) < jobs:
            assert time.monotonic() < deadline, f"{len(self.kills)} kills and {len(self.jobs)} jobs in {seconds} s"
            self._feed(jobs if len(self.kills) >= kills else None, open_at_once)
            killed = kill_someone(self.fleet, self.random, least_whole=least_whole) if len(self.kills) < kills else None
            self.kills += [killed] if killed else []
            time.sleep(self.random.uniform(0, 0.3))

    def calm_down(self, *, seconds: float) -> None:
        """Wait for every job's end and every mail."""
        wait_until(lambda: evidence.all_ended(self.jobs), seconds=seconds, what="the end of every job")
        wait_until(lambda: evidence.mails_settled(self.jobs), seconds=seconds, what="every mail")

    def tell(self, scene: Scene) -> tuple[list[float], list[float]]:
        """Note what happened and hold what must hold at any speed; return the recoveries beside others and alone."""
        beside, alone = evidence.recoveries(self.kills, self.jobs)
        states, mails = evidence.outcomes(self.jobs), evidence.mails(self.post, self.jobs)
        twice = evidence.made_twice(self.jobs)
        scene.note(kills=len(self.kills), jobs=len(self.jobs), ready=states["READY"], failed=states["FAILED"])
        scene.note(recoveries=len(beside), recovery_p50_seconds=evidence.percentile(beside, 0.5))
        scene.note(recovery_p99_seconds=evidence.percentile(beside, 0.99), recoveries_alone=len(alone))
        scene.note(alone_p99_seconds=evidence.percentile(alone, 0.99), duplicate_artifacts=twice)
        scene.note(mails=mails.found, duplicate_mails=mails.twice, mails_held_back=mails.held_back)
        assert states["READY"] + states["FAILED"] == len(self.jobs)
        assert twice == 0
        assert (mails.found, mails.twice) == (mails.wanted, 0)
        return beside, alone

    def _feed(self, most: int | None, open_at_once: int) -> None:
        missing = open_at_once - self.crowd.open_jobs()
        wanted = min(missing, (most or _MOST_OF_ONE * len(self.crowd.users)) - len(self.jobs))
        for _ in range(min(wanted, self.crowd.room())):
            words = [self.crowd.word("nap", 100, 500) for _ in range(3)]
            self.jobs.append(self.crowd.order(*words, self.crowd.word("film", 200, 800)))
