"""Users are told once when their credits run low and when they are gone."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.billing import ledger
from apps.notifications.models import Notification
from tests.billing.moves import NOW, give, hold

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, dict]]:
    return list(Notification.objects.order_by("created_at", "event").values_list("event", "facts"))


@pytest.mark.parametrize(("credits", "left"), [(5, 5), (1, 9)])
def test_enough_left_tells_nothing(owner: User, credits: int, left: int):
    give(owner, 10)

    hold(owner, credits)

    assert told() == []


def test_falling_below_five_is_told_once(owner: User):
    give(owner, 10)

    hold(owner, 6)
    hold(owner, 1)

    assert told() == [("low_credits", {"available": 4})]


def test_next_fall_is_told_again(owner: User):
    give(owner, 10)
    job_id = hold(owner, 6)
    ledger.release(job_id=job_id, at=NOW)

    hold(owner, 7)

    assert told() == [("low_credits", {"available": 4}), ("low_credits", {"available": 3})]


def test_last_credit_is_told_as_depleted(owner: User):
    give(owner, 4)

    hold(owner, 4)

    assert told() == [("credits_depleted", {"available": 0})]


def test_fall_from_five_to_nothing_is_both(owner: User):
    give(owner, 5)

    hold(owner, 5)

    assert told() == [("credits_depleted", {"available": 0}), ("low_credits", {"available": 0})]


def test_refused_reservation_tells_nothing(owner: User):
    give(owner, 10)

    with pytest.raises(ledger.InsufficientCredits):
        hold(owner, 11)

    assert told() == []
