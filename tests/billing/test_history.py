"""The history says what happened in the customer's words, with the balance after each movement."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from apps.accounts.models import User
from apps.billing import ledger, queries
from apps.billing.models import Source
from apps.billing.words import signed
from canvascast.errors import NotFound
from tests.billing.moves import NOW, buy, give, hold, pay_back

pytestmark = pytest.mark.django_db


def lines(user: User, **window: int) -> list[tuple[str, int, int]]:
    return [(move.text, move.credits, move.balance) for move in queries.history(user.pk, **window)]


def test_video_s_way_from_welcome_to_receipt(owner: User):
    give(owner, 20, source=Source.TRIAL)
    finished = hold(owner, 12)
    ledger.finalize(job_id=finished, credits=11, at=NOW)
    failed = hold(owner, 9, title="Tax basics")
    ledger.release(job_id=failed, at=NOW)

    assert lines(owner) == [
        ("“Tax basics” — stopped by us, all back", 9, 9),
        ("“Tax basics” — set aside", -9, 0),
        ("“Why cats purr” — 1 back, 11 used", 1, 9),
        ("“Why cats purr” — set aside", -12, 8),
        ("Welcome credits", 20, 20),
    ]


def test_money_and_support_in_words(owner: User, staff: User):
    buy(owner, 100)
    buy(owner, 50, source=Source.PLAN, expires_at=NOW + timedelta(days=30))
    give(owner, 10, reason="sorry for the wait")
    give(owner, 1)
    ledger.adjust(user_id=owner.pk, credits=-1, reason="given twice", key="fix:1", by=staff, at=NOW)
    ledger.expire_lots(at=NOW + timedelta(days=30))
    pay_back(owner, 120)
    buy(owner, 100)

    assert lines(owner) == [
        ("Bought 100 credits · 9 paid what was owed", 91, 91),
        ("Refunded 120 credits · 9 owed", -111, 0),
        ("49 credits expired", -49, 111),
        ("Correction by support: “given twice”", -1, 160),
        ("Gift from support", 1, 161),
        ("Gift from support: “sorry for the wait”", 10, 160),
        ("Your plan: 50 credits", 50, 150),
        ("Bought 100 credits", 100, 100),
    ]


def test_title_at_the_end_replaces_the_one_at_the_start(owner: User):
    give(owner, 20)
    job_id = hold(owner, 12, title="")
    ledger.finalize(job_id=job_id, credits=12, at=NOW, title="Why cats purr")

    assert [text for text, *_ in lines(owner)][:2] == ["“Why cats purr” — all 12 used", "Untitled video — set aside"]


def test_one_credit_is_not_all_of_them(owner: User):
    give(owner, 1)
    job_id = hold(owner, 1)
    ledger.finalize(job_id=job_id, credits=1, at=NOW)

    assert lines(owner)[0] == ("“Why cats purr” — 1 used", 0, 0)


def test_next_page_goes_on_where_the_first_ended(owner: User):
    for _ in range(5):
        give(owner, 1)

    page = queries.history(owner.pk, limit=2)
    following = queries.history(owner.pk, limit=2, before_seq=page[-1].seq)

    assert [move.seq for move in page + following] == [5, 4, 3, 2]
    assert [move.balance for move in page + following] == [5, 4, 3, 2]


def test_history_is_one_query_and_one_user_s(owner: User, staff: User, django_assert_num_queries):
    give(owner, 1)
    give(staff, 2)
    hold(owner, 1, job_id=uuid.uuid4())

    with django_assert_num_queries(1):
        assert len(queries.history(owner.pk)) == 2


def test_lots_are_listed_first_to_expire_first(owner: User):
    give(owner, 10)
    buy(owner, 20, expires_at=NOW + timedelta(days=1))
    hold(owner, 5)

    assert [(lot.source, lot.remaining) for lot in queries.lots(owner.pk)] == [("pack", 15), ("gift", 10)]


def test_movements_of_one_video_keep_the_balance_of_the_whole_history(owner: User, django_assert_num_queries):
    give(owner, 20)
    cats, tax, cats_again = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    reserve(owner, 5, job_id=cats, project_id=cats)
    reserve(owner, 3, job_id=tax, project_id=tax)
    ledger.finalize(job_id=cats, credits=4, at=NOW)
    reserve(owner, 1, job_id=cats_again, project_id=cats)

    with django_assert_num_queries(1):
        moves = queries.history_of_video(owner.pk, cats)

    assert [(move.credits, move.balance) for move in moves] == [(-1, 12), (1, 13), (-5, 15)]


def test_movements_of_another_s_video_are_not_found(owner: User, staff: User):
    give(owner, 20)
    video = uuid.uuid4()
    reserve(owner, 5, job_id=video, project_id=video)

    with pytest.raises(NotFound):
        queries.history_of_video(staff.pk, video)


def test_lots_say_what_is_left_of_them_and_until_when(owner: User):
    give(owner, 10, source=Source.TRIAL, expires_at=datetime(2027, 3, 4, tzinfo=UTC))
    give(owner, 1)
    buy(owner, 100, source=Source.PLAN, expires_at=datetime(2027, 1, 31, 23, 59, tzinfo=UTC))
    hold(owner, 40)

    assert [lot.text for lot in queries.lots(owner.pk)] == [
        "60 of 100 plan credits, good until 31 January 2027",
        "10 welcome credits, good until 3 March 2027",
        "1 gift credit, no end date",
    ]


@pytest.mark.parametrize(("credits", "said"), [(10, "+10"), (-4, "−4"), (0, "0")])
def test_movement_carries_its_sign(credits: int, said: str):
    assert signed(credits) == said


def reserve(user: User, credits: int, *, job_id: uuid.UUID, project_id: uuid.UUID) -> None:
    ledger.reserve(user_id=user.pk, job_id=job_id, project_id=project_id, title="Cats", credits=credits, at=NOW)
