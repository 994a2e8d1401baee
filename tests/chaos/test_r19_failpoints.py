"""R19: a kill before and after every commit, paid call, rename and mail; everything ends as if nothing had happened."""

from __future__ import annotations

import os
import signal

import pytest

from tests.chaos.failpoints.hooks import Passing
from tests.chaos.failpoints.sites import all_sites, sites_in
from tests.chaos.failpoints.stage import Stage
from tests.chaos.failpoints.striking import EXCUSED, flow_named, flows, never_struck, strike_all, strike_some
from tests.chaos.failpoints.world import World, world
from tests.payments.conftest import shop
from tests.stripe_wire.fixtures import stripe_server

__all__ = ["shop", "stripe_server", "world"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("R19")]


def kill(passing: Passing) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.small
def test_video_outlives_kills_at_failpoints_that_chance_names(world: World, scenario):
    stage = Stage()

    with scenario("R19", "failpoints of a video", size="small", seed=19) as scene:
        strike_some(stage, flow_named("made", world), kill, world, runs=2, seed=19)
        scene.note(kills=len(stage.struck), failpoints=len(stage.seen))

    assert len(stage.struck) == 4


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_failpoint_of_the_source_is_struck_and_outlived(world: World, scenario):
    stage = Stage()

    with scenario("R19", "every failpoint", size="full") as scene:
        for flow in flows(world):
            strike_all(stage, flow, kill, world)
        scene.note(kills=len(stage.struck), failpoints=len(stage.seen), sites=len(all_sites()), excused=len(EXCUSED))
        left = never_struck(stage)
        scene.note(never_struck=len(left))
        assert left == [], "\n".join(left)


def test_line_that_writes_is_on_the_list_and_one_that_does_not_is_not():
    source = """
def new(text):
    with transaction.atomic():
        Row.objects.create(text=text.replace("a", "b"))
    Path("half").replace("whole")
    storage.save("name", text)
"""

    assert [site.name for site in sites_in(source, "apps/new.py")] == [
        "commit apps.new:new",
        "write apps.new:new",
        "rename apps.new:new",
        "store apps.new:new",
    ]


def test_no_excuse_is_older_than_its_site():
    assert set(EXCUSED) <= {site.name for site in all_sites()}
