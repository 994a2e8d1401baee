"""R16: the queue is emptied, unreadable, or signed with another key; what it told of goes on all the same."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from apps.pipeline.models import Job, JobStep
from tests.chaos import evidence
from tests.chaos.crowd import Crowd
from tests.chaos.fleet import EVERYTHING, STEPS_ONLY, running_fleet
from tests.chaos.ground import storm_ground
from tests.chaos.records import Scenarios, Scene
from tests.workers import wait_until

pytestmark = pytest.mark.goal("R16")
SEED = 16
ALLOWED_SECONDS = 1 + 2
"""The sweep's period and the lease."""
_IDLE_SECONDS = 0.3
OTHER_KEY = {"STORM_SECRET_KEY": "another-key-of-the-tests"}  # pragma: allowlist secret


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_jobs_go_on_when_their_queue_is_ruined(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        scenario("R16", "ruined queue", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment, EVERYTHING, STEPS_ONLY),
    ):
        waits = ruin_again_and_again(Crowd(40, Random(SEED)), scene, ruins=tuple(RUINS), times=12)

        assert max(waits) <= ALLOWED_SECONDS


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_jobs_go_on_when_the_key_is_rotated_service_by_service(tmp_path: Path, scenario: Scenarios):
    with (
        storm_ground(tmp_path) as environment,
        scenario("R16", "rotated key", size="full", seed=SEED) as scene,
        running_fleet(tmp_path, environment, EVERYTHING, STEPS_ONLY) as fleet,
    ):
        crowd, jobs = Crowd(40, Random(SEED)), list[Job]()
        for service in fleet.services:
            jobs += order_one_by_one(crowd, 10)
            # Half of the services know the new key, then all; who orders still signs with the old one.
            service.environment = {**service.environment, **OTHER_KEY}
            service.end()
            jobs += order_one_by_one(crowd, 5)
            service.start()
            wait_until(service.is_whole, seconds=60, what="the service with the new key")
            jobs += order_one_by_one(crowd, 10)
        waits = hold_waits(jobs, scene)

        assert max(waits) <= ALLOWED_SECONDS


def ruin_again_and_again(crowd: Crowd, scene: Scene, *, ruins: Iterable[str], times: int) -> list[float]:
    """Order jobs whose hints are ruined in each way before a worker sees them; return how long each waited."""
    jobs: list[Job] = []
    for _ in range(times):
        for ruin in (RUINS[name] for name in ruins):
            # A worker that just ended work looks for more by itself; this one shall be told.
            time.sleep(_IDLE_SECONDS)
            with transaction.atomic():
                jobs.append(crowd.order(crowd.word("nap", 0, 50)))
                ruin()
            wait_until(lambda: evidence.all_ended(jobs), seconds=60, what="the end of the job")
    return hold_waits(jobs, scene)


def order_one_by_one(crowd: Crowd, number: int) -> list[Job]:
    """Order jobs, each when the one before has ended, so that a hint must arrive for every one."""
    jobs = []
    for _ in range(number):
        time.sleep(_IDLE_SECONDS)
        jobs.append(crowd.order(crowd.word("nap", 0, 50)))
        wait_until(lambda: evidence.all_ended(jobs), seconds=60, what="the end of a job")
    return jobs


def hold_waits(jobs: list[Job], scene: Scene) -> list[float]:
    wait_until(lambda: evidence.all_ended(jobs), seconds=120, what="the end of every job")
    first = JobStep.objects.filter(job__in=jobs, step="script").values_list("job__created_at", "started_at")
    waits = [(started_at - created_at).total_seconds() for created_at, started_at in first]
    scene.note(jobs=len(jobs), wait_p50_seconds=evidence.percentile(waits, 0.5), wait_most_seconds=round(max(waits), 3))
    scene.note(duplicate_artifacts=evidence.made_twice(jobs))
    assert evidence.outcomes(jobs) == {"READY": len(jobs)}
    assert evidence.made_twice(jobs) == 0
    return waits


class _Unreadable:
    """Pickles well and cannot be unpickled: the code that it names is gone."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return importlib.import_module, ("apps.a_module_that_was_removed",)


def _delete() -> None:
    OrmQ.objects.all().delete()


def _corrupt() -> None:
    OrmQ.objects.update(payload="no payload of ours")


def _forge() -> None:
    """Keep the content and break the signature."""
    for row in OrmQ.objects.all():
        OrmQ.objects.filter(pk=row.pk).update(payload=row.payload[:-3] + "xxx")


def _outdate() -> None:
    """Leave what was signed by us and names code that is gone."""
    OrmQ.objects.update(payload=SignedPackage.dumps(_Unreadable()))


def _misname() -> None:
    """Leave a readable task for a function that is gone; what was ruined before may still lie there, unreadable."""
    row = OrmQ.objects.filter(key="steps").latest("pk")
    task = {**SignedPackage.loads(row.payload), "func": "apps.pipeline.tasks.gone"}
    OrmQ.objects.filter(pk=row.pk).update(payload=SignedPackage.dumps(task))


RUINS: Mapping[str, Callable[[], None]] = {
    "deleted": _delete,
    "corrupted": _corrupt,
    "forged": _forge,
    "outdated": _outdate,
    "misnamed": _misname,
}
