"""R6: many queued jobs and two workers; every step is made once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from django.db.models import Count

from apps.pipeline.models import Job, JobStep, StepAttempt
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.records import Scenarios, Scene
from tests.workers import wait_until

pytestmark = pytest.mark.goal("R6")
SEED = 6


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_two_workers_make_every_step_of_many_jobs_once(tmp_path: Path, scenario: Scenarios):
    with storm_ground(tmp_path) as environment, scenario("R6", "once", size="full", seed=SEED) as scene:
        jobs = order_many(Crowd(75, Random(SEED)), 300)
        with running_fleet(tmp_path, environment, {"steps": 1, "quick": 2}, {"steps": 1}):
            count_starts(tmp_path, jobs, scene, seconds=600)


def order_many(crowd: Crowd, number: int) -> list[Job]:
    return [crowd.order(*(crowd.word("nap", 0, 20) for _ in range(3))) for _ in range(number)]


def count_starts(folder: Path, jobs: list[Job], scene: Scene, *, seconds: float) -> None:
    """Wait for the jobs' end; count the starts of each step as the engine counted them, and as the steps did."""
    wait_until(lambda: evidence.all_ended(jobs), seconds=seconds, what="the end of every job")

    rows = JobStep.objects.filter(job__in=jobs).annotate(starts=Count("attempts"))
    counted = Counter(rows.values_list("starts", flat=True))
    begun = Counter((e.job, e.step, e.word) for e in evidence.diary(folder, jobs) if e.what == "begin")
    workers = StepAttempt.objects.filter(job_step__job__in=jobs).values("worker").distinct().count()
    scene.note(jobs=len(jobs), steps=sum(counted.values()), workers=workers, most_starts=max(counted))
    scene.note(most_starts_by_the_step=max(begun.values()), duplicate_artifacts=evidence.made_twice(jobs))
    assert set(counted) == {1}
    assert set(begun.values()) == {1}
    assert len(begun) == sum(counted.values())
    assert evidence.made_twice(jobs) == 0
    assert evidence.outcomes(jobs) == {"READY": len(jobs)}
