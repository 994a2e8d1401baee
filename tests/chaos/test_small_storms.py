"""The short forms of the storms, one after the other on the same two services: a start of a service takes a second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from django.core.management import call_command

from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, STEPS_ONLY, Fleet, running_fleet
from tests.chaos.ground import storm_ground, storm_post
from tests.chaos.records import Scenarios
from tests.chaos.test_r1_kills import KillStorm
from tests.chaos.test_r2_stopped_workers import stop_and_go_on
from tests.chaos.test_r3_any_process import kill_any
from tests.chaos.test_r4_poison import poison_some
from tests.chaos.test_r6_once import count_starts, order_many
from tests.chaos.test_r7_sigterm import end_once
from tests.chaos.test_r8_cancel import cancel_many
from tests.chaos.test_r9_database import cut_all_sessions
from tests.chaos.test_r16_ruined_queue import ruin_again_and_again
from tests.wire.resend import ResendServer

pytestmark = [pytest.mark.small, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Sea:
    """Two services, the server of their mails, and the environment in which more could be started."""

    folder: Path
    environment: dict[str, str]
    fleet: Fleet
    post: ResendServer


@pytest.fixture
def _django_db_helper() -> None:
    """Leave out what empties the database after each test: services work on it until the module ends."""


@pytest.fixture(scope="module")
def sea(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[Sea]:
    """Open the database for the whole module, and empty it in the end."""
    folder = tmp_path_factory.mktemp("storms")
    with django_db_blocker.unblock(), storm_ground(folder) as environment, storm_post() as (post, mail):
        with running_fleet(folder, environment | mail, EVERYTHING, STEPS_ONLY) as fleet:
            yield Sea(folder, environment | mail, fleet, post)
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.mark.goal("R1")
def test_kills_lose_nothing(sea: Sea, scenario: Scenarios):
    with scenario("R1", "kills", size="small", seed=1) as scene:
        storm = KillStorm(sea.fleet, sea.post, Crowd(3, Random(1)), Random(1))
        storm.rage(kills=2, jobs=8, least_whole=2, open_at_once=6)
        storm.calm_down(seconds=60)
        storm.tell(scene)


@pytest.mark.goal("R2")
def test_stopped_worker_commits_nothing_when_it_goes_on(sea: Sea, scenario: Scenarios):
    with scenario("R2", "stopped workers", size="small", seed=2) as scene:
        stop_and_go_on(sea.fleet, Crowd(2, Random(2)), scene, stops=2)


@pytest.mark.goal("R3")
def test_service_is_back_after_a_death(sea: Sea, scenario: Scenarios):
    with scenario("R3", "any process", size="small", seed=3) as scene:
        kill_any(sea.fleet, Crowd(2, Random(3)), Random(3), scene, kills=1)


@pytest.mark.goal("R4")
def test_poisonous_job_fails_alone(sea: Sea, scenario: Scenarios):
    with scenario("R4", "poison", size="small", seed=4) as scene:
        poison_some(sea.fleet, Crowd(2, Random(4)), scene, poisonous=1, good=2)


@pytest.mark.goal("R6")
def test_every_step_is_made_once(sea: Sea, scenario: Scenarios):
    with scenario("R6", "once", size="small", seed=6) as scene:
        count_starts(sea.folder, order_many(Crowd(2, Random(6)), 8), scene, seconds=60)


@pytest.mark.goal("R8")
def test_stopped_videos_end_with_all_that_works_on_them(sea: Sea, settings, scenario: Scenarios):
    with scenario("R8", "cancel", size="small", seed=8) as scene:
        cancel_many(Crowd(2, Random(8)), scene, cancels=2, clients=2)


@pytest.mark.goal("R9")
def test_sessions_that_end_lose_nothing(sea: Sea, scenario: Scenarios):
    with scenario("R9", "restarts", size="small", seed=9) as scene:
        cut_all_sessions(Crowd(1, Random(9)), scene, times=3)


@pytest.mark.goal("R16")
def test_jobs_go_on_when_their_queue_is_ruined(sea: Sea, scenario: Scenarios):
    with scenario("R16", "ruined queue", size="small", seed=16) as scene:
        ruin_again_and_again(Crowd(1, Random(16)), scene, ruins=("deleted", "outdated"), times=1)


@pytest.mark.goal("R7")
def test_service_told_to_end_burns_no_attempt(sea: Sea, scenario: Scenarios):
    """The last: the service is not started again."""
    with scenario("R7", "SIGTERM", size="small", seed=7) as scene:
        end_once(sea.fleet.services[1], Crowd(1, Random(7)), scene)
