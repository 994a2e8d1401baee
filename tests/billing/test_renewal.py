"""A plan's new month: unused credits end, as many as the plan allows come along, and asking twice changes nothing."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from apps.billing import ledger, queries
from apps.billing.models import Kind, LedgerEntry, Source
from apps.billing.rollover import lapsed_of
from tests.billing.moves import NOW, buy, give, hold

MONTH = timedelta(days=30)
GRACE = timedelta(days=3)


def renew(user, *, credits=100, rollover=50, key="stripe:in_2", at=NOW + MONTH):
    return ledger.renew_plan(
        user_id=user.pk,
        credits=credits,
        rollover=rollover,
        reason="Creator",
        key=key,
        began_at=NOW + MONTH,
        expires_at=NOW + 2 * MONTH + GRACE,
        at=at,
    )


def first_month(user, credits=100):
    return buy(user, credits, source=Source.PLAN, key="stripe:in_1", expires_at=NOW + MONTH + GRACE)


@pytest.mark.parametrize(("used", "rollover", "carried"), [(0, 50, 50), (70, 50, 30), (100, 50, 0), (0, 0, 0)])
def test_what_is_left_is_carried_over_up_to_what_the_plan_allows(owner, used, rollover, carried):
    first_month(owner)
    if used:
        hold(owner, used)

    _, was_carried = renew(owner, rollover=rollover)

    assert was_carried == carried
    assert queries.balance(owner.pk).available == 100 + carried
    assert {lot.expires_at for lot in queries.lots(owner.pk)} == {NOW + 2 * MONTH + GRACE}


def test_a_renewal_that_comes_twice_is_one(owner):
    first_month(owner)

    first, _ = renew(owner)
    again, carried = renew(owner)

    assert (again.pk, carried) == (first.pk, 0)
    assert queries.balance(owner.pk).available == 150


def test_what_the_clock_took_before_a_late_renewal_counts_as_left(owner):
    first_month(owner)
    ledger.expire_lots(at=NOW + MONTH + GRACE)
    assert queries.balance(owner.pk).available == 0

    _, carried = renew(owner, at=NOW + MONTH + timedelta(days=4))

    assert carried == 50
    assert queries.balance(owner.pk).available == 150


@pytest.mark.parametrize(("used", "lapsed"), [(0, 100), (20, 80), (70, 50)])
def test_of_what_was_carried_over_the_oldest_is_used_first_and_the_rest_ends_unused(owner, used, lapsed):
    first = first_month(owner)
    renew(owner)
    if used:
        hold(owner, used, at=NOW + MONTH)

    ledger.expire_lots(at=NOW + 2 * MONTH + GRACE)

    assert lapsed_of(first.lot) == lapsed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_every_credit_of_every_month_is_used_or_ends_unused_in_one_of_them(owner, seed):
    chance, months, used = random.Random(seed), [first_month(owner)], 0
    for number in range(1, 6):
        begins = NOW + number * MONTH
        used += spend_at_most(owner, chance.randint(0, 200), at=begins - timedelta(days=1))
        late = chance.choice([timedelta(0), timedelta(days=4)])
        ledger.expire_lots(at=begins + late)
        entry, _ = ledger.renew_plan(
            user_id=owner.pk,
            credits=100,
            rollover=50,
            reason="Creator",
            key=f"stripe:in_{number + 1}",
            began_at=begins,
            expires_at=begins + MONTH + GRACE,
            at=begins + late,
        )
        months.append(entry)
    ledger.expire_lots(at=NOW + 7 * MONTH)

    assert sum(100 - lapsed_of(month.lot) for month in months) == used


def spend_at_most(user, credits, *, at):
    spent = min(credits, queries.balance(user.pk).available)
    if spent:
        hold(user, spent, at=at)
    return spent


def test_credits_that_were_not_the_plans_stay_as_they_are(owner):
    give(owner, 10, source=Source.TRIAL)
    buy(owner, 50, source=Source.PACK)
    first_month(owner)

    renew(owner, rollover=0)

    assert queries.balance(owner.pk).available == 160


def test_what_was_held_over_the_border_comes_back_until_the_old_month_is_over(owner):
    first_month(owner)
    job_id = hold(owner, 40)
    renew(owner)

    ledger.release(job_id=job_id, at=NOW + MONTH + timedelta(hours=1))

    assert queries.balance(owner.pk).available == 190
    assert ledger.expire_lots(at=NOW + MONTH + GRACE) == 1
    assert queries.balance(owner.pk).available == 150


def test_the_history_says_what_happened(owner):
    first_month(owner)
    renew(owner)

    assert [movement.text for movement in queries.history(owner.pk)] == [
        "Your plan: 100 credits",
        "50 credits of last month carried over",
        "100 credits of your plan unused when the month ended",
        "Your plan: 100 credits",
    ]


def test_a_debt_is_paid_by_the_new_month(owner):
    first_month(owner, 10)
    hold(owner, 10)
    ledger.refund(user_id=owner.pk, credits=10, reason="refunded", key="stripe:re_1", at=NOW)

    renew(owner)

    assert (queries.balance(owner.pk).available, queries.balance(owner.pk).debt) == (90, 0)
    assert LedgerEntry.objects.filter(kind=Kind.GRANT).count() == 0
