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
from canvascast.operations.reconcile import reconcile
from tests.billing.moves import give
from tests.chaos.clients import storm
from tests.chaos.jobs import end_as_settled, start

SMALL = (10, 10, 10)
FULL = pytest.param((100, 20, 50), marks=pytest.mark.slow)


def settle(case: tuple[Job, int]) -> None:
    job, charge = case
    if charge == 0:
        ledger.release(job_id=job.pk, at=timezone.now())
    else:
        ledger.finalize(job_id=job.pk, credits=charge, at=timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [SMALL, FULL], ids=["small", "full"])
def test_each_reservation_is_settled_once(owner: User, size: tuple[int, int, int], figure):
    reservations, times, clients = size
    give(owner, reservations * 10)
    jobs = [start(owner, 10) for _ in range(reservations)]
    cases = [(job, number % 13) for job in jobs for number in range(times)]
    random.Random(2).shuffle(cases)

    outcome = storm(settle, cases, clients=clients)

    settlements = LedgerEntry.objects.filter(kind__in=[Kind.FINALIZE, Kind.RELEASE])
    total = LedgerEntry.objects.aggregate(sum=Sum(F("d_available") + F("d_held") + F("d_debt") + F("d_external")))
    figure(
        f"M2 {len(cases)} settles of {reservations} reservations, {clients} connections: {settlements.count()} "
        f"settled, {len(outcome.raised())} errors, sum {total['sum']}, {outcome.seconds:.1f} s"
    )
    assert outcome.raised() == []
    assert settlements.count() == reservations
    assert total["sum"] == 0
    for job in jobs:
        end_as_settled(job)
    assert reconcile() == []
