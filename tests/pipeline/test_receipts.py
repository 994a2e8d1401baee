"""A receipt's lines sum up to what was charged, whatever came before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.pipeline.models import Job
from apps.pipeline.receipts import receipt_of

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def job(state: str = "READY", *, price: int, reserved: int, cost: int, changed_scenes: int = 0, niche="facts") -> Job:
    return Job(
        state=state,
        price=price,
        reserved=reserved,
        cost=cost,
        changed_scenes=changed_scenes,
        brief={"niche_preset": niche},
        created_at=AT,
    )


@pytest.mark.parametrize(
    ("made", "seconds", "items"),
    [
        (job(price=2, reserved=2, cost=2), 88, [("1 min 28 s of facts, a credit a started minute", 2)]),
        (job(price=2, reserved=2, cost=1), 60, [("1 min of facts, a credit a started minute", 1)]),
        (
            job(price=2, reserved=2, cost=2, niche="history"),
            70,
            [("1 min 10 s of history, 1½ credits a minute", 2)],
        ),
        (
            job(price=1, reserved=1, cost=1),
            61,
            [("1 min 1 s of facts, a credit a started minute", 2), ("More than we quoted: ours to pay", -1)],
        ),
        (
            job(price=10, reserved=7, cost=6),
            530,
            [("8 min 50 s of facts, a credit a started minute", 9), ("Paid in a try you stopped", -3)],
        ),
        (
            job(price=10, reserved=3, cost=0),
            300,
            [("5 min of facts, a credit a started minute", 5), ("Paid in a try you stopped", -5)],
        ),
        (job(price=1, reserved=1, cost=1, changed_scenes=1), 60, [("1 scene made again, a credit for up to five", 1)]),
        (job(price=2, reserved=2, cost=2, changed_scenes=6), 60, [("6 scenes made again, a credit for up to five", 2)]),
        (
            job(price=3, reserved=3, cost=3, changed_scenes=1),
            60,
            [("1 scene made again, a credit for up to five, and minutes added", 3)],
        ),
    ],
)
def test_receipt_says_what_was_charged_for(made, seconds, items):
    receipt = receipt_of(made, [], duration_ms=seconds * 1000)

    assert [(item.what, item.credits) for item in receipt.items] == items
    assert sum(item.credits for item in receipt.items) == receipt.used == made.cost
    assert (receipt.held, receipt.back) == (made.reserved, made.reserved - made.cost)


def test_earlier_tries_are_listed_with_what_they_cost():
    earlier = [
        job(price=1, reserved=1, cost=1, changed_scenes=2),
        job(price=3, reserved=2, cost=2),
        job("FAILED", price=3, reserved=2, cost=0),
        job("CANCELED", price=3, reserved=3, cost=1),
        job("CANCELED", price=1, reserved=1, cost=0),
    ]

    receipt = receipt_of(job(price=1, reserved=1, cost=1, changed_scenes=1), earlier, duration_ms=60_000)

    assert [(each.what, each.used) for each in receipt.earlier] == [
        ("2 scenes made again", 1),
        ("First version", 2),
        ("Could not be made, all 2 back", 0),
        ("Stopped, 2 credits back", 1),
        ("Stopped, 1 credit back", 0),
    ]
    assert receipt.used_in_all == 5


def test_receipt_without_its_film_has_no_lines():
    receipt = receipt_of(job(price=2, reserved=2, cost=1), [], duration_ms=None)

    assert (receipt.items, receipt.used) == ((), 1)
