"""M1: more reservations than credits, from many connections at once."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.billing.ledger import InsufficientCredits
from apps.billing.queries import Balance, balance
from apps.pipeline.models import Job
from canvascast.operations.reconcile import reconcile
from tests.billing.moves import give
from tests.chaos.clients import storm
from tests.chaos.jobs import start

SMALL = (100, 100, 10)
FULL = pytest.param((1_000, 1_000, 50), marks=pytest.mark.slow)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [SMALL, FULL], ids=["small", "full"])
def test_exactly_as_many_reservations_succeed_as_the_balance_covers(owner: User, size: tuple[int, int, int], figure):
    tries, credits, clients = size
    give(owner, credits)

    outcome = storm(lambda _: start(owner, 10), range(tries), clients=clients)

    refused = [error for error in outcome.raised() if isinstance(error, InsufficientCredits)]
    other = [error for error in outcome.raised() if not isinstance(error, InsufficientCredits)]
    figure(
        f"M1 {tries} reservations of 10 on {credits}, {clients} connections: {len(outcome.returned())} succeeded, "
        f"{len(refused)} refused, {len(other)} other, {outcome.seconds:.1f} s"
    )
    assert other == []
    assert (len(outcome.returned()), len(refused)) == (credits // 10, tries - credits // 10)
    assert balance(owner.pk) == Balance(available=0, held=credits, debt=0)
    assert Job.objects.count() == credits // 10
    assert reconcile() == []
