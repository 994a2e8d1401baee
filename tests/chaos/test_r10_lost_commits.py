"""R10: the line to the database breaks after COMMIT was sent, at every write; the retry changes nothing."""

from __future__ import annotations

import pytest

from tests.chaos.failpoints.hooks import Passing
from tests.chaos.failpoints.proxy import LossyWire, through_a_lossy_wire
from tests.chaos.failpoints.stage import Stage
from tests.chaos.failpoints.striking import flow_named, flows, is_a_commit, never_struck, strike_all, strike_some
from tests.chaos.failpoints.world import World, world
from tests.payments.conftest import shop
from tests.stripe_wire.fixtures import stripe_server

__all__ = ["shop", "stripe_server", "world"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("R10")]

_wires: list[LossyWire] = []


def use_a_lossy_wire() -> None:
    _wires.append(through_a_lossy_wire())


def lose_the_answer(passing: Passing) -> None:
    assert passing.connection is not None
    _wires[0].lose_next_answer(passing.connection)


@pytest.mark.small
def test_video_outlives_lost_answers_to_commits_that_chance_names(world: World, scenario):
    stage = Stage(prepare=use_a_lossy_wire)

    with scenario("R10", "lost commits of a video", size="small", seed=10) as scene:
        flow = flow_named("made", world)
        strike_some(stage, flow, lose_the_answer, world, runs=1, seed=10, is_wanted=is_a_commit)
        scene.note(lost=len(stage.struck))

    assert len(stage.struck) == 2


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_lost_commit_is_retried_without_effect(world: World, scenario):
    stage = Stage(prepare=use_a_lossy_wire)

    with scenario("R10", "every lost commit", size="full") as scene:
        for flow in flows(world):
            strike_all(stage, flow, lose_the_answer, world, is_a_commit)
        left = never_struck(stage, {"commit", "write"})
        scene.note(lost=len(stage.struck), never_lost=len(left))
        assert left == [], "\n".join(left)
