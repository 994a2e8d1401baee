"""M2: each reservation is settled by many at once, each with another charge."""

from __future__ import annotations

import random

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Kind, LedgerEntry
from apps.pipeline.models import Job
from tests.billing.moves import give
from tests.chaos.clients import storm
from tests.chaos.jobs import end_as_settled, start

pytestmark = pytest.mark.goal("M2")

SMALL = (10, 10, 10)
FULL = pytest.param((100, 20, 50), marks=pytest.mark.slow)


def settle(case: tuple[Job, int]) -> None:
    job, charge = case
    if charge == 0:
        ledger.release(job_id=job.pk, at=timezone.now())
    else:
        ledger.finalize(job_id=job.pk, credits=charge, at=timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [pytest.param(SMALL, marks=pytest.mark.small), FULL], ids=["small", "full"])
def test_each_reservation_is_settled_once(owner: User, size: tuple[int, int, int], scenario):
    reservations, times, clients = size
    give(owner, reservations * 10)
    jobs = [start(owner, 10) for _ in range(reservations)]
    cases = [(job, number % 13) for job in jobs for number in range(times)]
    random.Random(2).shuffle(cases)

    with scenario("M2", "settlements", size="small" if size == SMALL else "full", seed=2) as scene:
        outcome = storm(settle, cases, clients=clients)

        settlements = LedgerEntry.objects.filter(kind__in=[Kind.FINALIZE, Kind.RELEASE])
        total = LedgerEntry.objects.aggregate(sum=Sum(F("d_available") + F("d_held") + F("d_debt") + F("d_external")))
        scene.note(settles=len(cases), settled=settlements.count(), errors=len(outcome.raised()), sum=total["sum"])
        scene.note(connections=clients, storm_seconds=round(outcome.seconds, 1))
        assert outcome.raised() == []
        assert settlements.count() == reservations
        assert total["sum"] == 0
        for job in jobs:
            end_as_settled(job)
