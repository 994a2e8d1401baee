"""The short forms of the storms, one after the other on the same two services: a start of a service takes a second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from django.core.management import call_command

from tests.chaos.crowd import Crowd
from tests.chaos.fleet import Fleet, running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.records import Scenarios
from tests.chaos.test_r1_kills import KillStorm

pytestmark = [pytest.mark.small, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Sea:
    """Two services and the environment in which more could be started."""

    folder: Path
    environment: dict[str, str]
    fleet: Fleet


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
    with django_db_blocker.unblock(), storm_ground(folder) as environment:
        with running_fleet(folder, environment, size=2) as fleet:
            yield Sea(folder, environment, fleet)
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.mark.goal("R1")
def test_kills_lose_nothing(sea: Sea, scenario: Scenarios):
    with scenario("R1", "kills", size="small", seed=1) as scene:
        storm = KillStorm(sea.fleet, Crowd(10, Random(1)), Random(1))
        storm.rage(kills=4, jobs=20, least_whole=2)
        storm.calm_down(seconds=60)
        storm.tell(scene)
