"""M1: more reservations than credits, from many connections at once."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.billing.ledger import InsufficientCredits
from apps.billing.queries import Balance, balance
from apps.pipeline.models import Job
from tests.billing.moves import give
from tests.chaos.clients import Storm, storm
from tests.chaos.jobs import start

pytestmark = pytest.mark.goal("M1")

SMALL = (100, 100, 10)
FULL = pytest.param((1_000, 1_000, 50), marks=pytest.mark.slow)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [pytest.param(SMALL, marks=pytest.mark.small), FULL], ids=["small", "full"])
def test_exactly_as_many_reservations_succeed_as_the_balance_covers(owner: User, size: tuple[int, int, int], scenario):
    tries, credits, clients = size
    give(owner, credits)

    with scenario("M1", "reservations", size="small" if size == SMALL else "full") as scene:
        outcome = storm(lambda _: start(owner, 10), range(tries), clients=clients)
        scene.note(**counted(outcome), connections=clients, storm_seconds=round(outcome.seconds, 1))
        assert counted(outcome) == {"succeeded": credits // 10, "refused": tries - credits // 10, "other_errors": 0}
        assert balance(owner.pk) == Balance(available=0, held=credits, debt=0)
        assert Job.objects.count() == credits // 10


def counted(outcome: Storm[Job]) -> dict[str, int]:
    refused = sum(isinstance(error, InsufficientCredits) for error in outcome.raised())
    other = len(outcome.raised()) - refused
    return {"succeeded": len(outcome.returned()), "refused": refused, "other_errors": other}
