"""R4: a job that kills its worker every time ends by itself, and hurts no other."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from apps.billing.models import Kind, LedgerEntry
from apps.pipeline.models import StepAttempt
from apps.pipeline.states import JobState
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, STEPS_ONLY, Fleet, running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.records import Scenarios, Scene
from tests.workers import wait_until

pytestmark = pytest.mark.goal("R4")
SEED = 4


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_poisonous_jobs_fail_after_three_starts_and_alone(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        scenario("R4", "poison", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment, EVERYTHING, STEPS_ONLY) as fleet,
    ):
        poison_some(fleet, Crowd(20, Random(SEED)), scene, poisonous=8, good=50)


def poison_some(fleet: Fleet, crowd: Crowd, scene: Scene, *, poisonous: int, good: int) -> None:
    """Run poisonous jobs among good ones, and hold that each ends as it must."""
    among = [True] * poisonous + [False] * good
    crowd.random.shuffle(among)
    bad, fine = [], []
    for is_bad in among:
        if is_bad:
            bad.append(crowd.order(crowd.word("poison", 0, 100)))
        else:
            fine.append(crowd.order(*(crowd.word("nap", 50, 600) for _ in range(3))))
    wait_until(lambda: evidence.all_ended(bad + fine), seconds=300, what="the end of every job")

    begun = [entry.word for entry in evidence.diary(fleet.folder, bad) if entry.what == "begin"]
    poisoned = StepAttempt.objects.filter(job_step__job__in=bad, job_step__part__gt="")
    # One that another's poison ended beside it is no start of its own: it did not die by itself.
    interrupted = poisoned.filter(outcome="RELEASED").count()
    starts = [poisoned.filter(job_step__job=job).exclude(outcome="RELEASED").count() for job in bad]
    released = LedgerEntry.objects.filter(job_id__in=[job.pk for job in bad], kind=Kind.RELEASE).count()
    hurt = StepAttempt.objects.filter(job_step__job__in=fine, outcome="LOST").count()
    scene.note(poisonous=len(bad), starts_each=max(starts), interrupted=interrupted, released=released)
    scene.note(others=len(fine), others_hurt=hurt)
    assert starts == [3] * poisonous
    # A start that was ended beside another may not have come as far as its diary.
    assert 3 * poisonous <= sum(word.startswith("poison") for word in begun) <= 3 * poisonous + interrupted
    for job in bad:
        job.refresh_from_db()
    assert [(job.state, job.error_code) for job in bad] == [(JobState.FAILED, "worker_lost")] * poisonous
    assert released == poisonous
    assert hurt == 0
    assert evidence.outcomes(fine) == {JobState.READY: good}
