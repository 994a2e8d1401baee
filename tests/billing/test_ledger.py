"""Credits come, are set aside, are used and go back; nothing happens twice."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from structlog.testing import capture_logs

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.ledger import DebtOwed, InsufficientCredits
from apps.billing.models import CreditLot, Kind, LedgerEntry, Source
from apps.billing.queries import Balance, balance
from tests.billing.moves import NOW, buy, give, hold, pay_back
from tests.chaos.clients import storm

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def _deferred_constraints_hold():
    yield
    connection.check_constraints()


def remaining(user: User) -> list[int]:
    return list(CreditLot.objects.filter(user=user).order_by("entry__seq").values_list("remaining", flat=True))


def test_first_grant_makes_the_wallet(owner: User):
    entry = give(owner, 10)

    assert balance(owner.pk) == Balance(available=10, held=0, debt=0)
    assert (entry.seq, entry.d_available, entry.d_external) == (1, 10, -10)


def test_user_without_credits_has_an_empty_balance(owner: User):
    assert balance(owner.pk) == Balance(0, 0, 0)


def test_second_grant_under_one_key_changes_nothing(owner: User):
    first = give(owner, 10, key="gift:1")

    again = give(owner, 99, key="gift:1")

    assert again == first
    assert balance(owner.pk).available == 10


def test_key_of_another_user_is_a_bug(owner: User, staff: User):
    give(owner, 10, key="gift:1")

    with pytest.raises(ValueError, match="used for another user"):
        give(staff, 10, key="gift:1")


@pytest.mark.parametrize("credits", [0, -1])
def test_grant_of_nothing_is_a_bug(owner: User, credits: int):
    with pytest.raises(ValueError, match="cannot be moved"):
        give(owner, credits)


def test_reservation_is_held_not_spent(owner: User):
    give(owner, 10)

    hold(owner, 4)

    assert balance(owner.pk) == Balance(available=6, held=4, debt=0)


def test_second_reservation_of_a_job_changes_nothing(owner: User):
    give(owner, 10)
    job_id = hold(owner, 4)

    hold(owner, 4, job_id=job_id)

    assert balance(owner.pk) == Balance(available=6, held=4, debt=0)


def test_reservation_above_the_balance_is_refused_with_both_numbers(owner: User):
    give(owner, 3)

    with pytest.raises(InsufficientCredits) as refused:
        hold(owner, 4)

    assert refused.value.details == {"required": 4, "available": 3}
    assert refused.value.sentence == "This needs 4 credits; you have 3."
    assert balance(owner.pk) == Balance(3, 0, 0)


def test_free_video_reserves_nothing(owner: User):
    job_id = hold(owner, 0)

    assert ledger.finalize(job_id=job_id, credits=3, at=NOW) == 0
    assert not LedgerEntry.objects.exists()


def test_finished_video_is_charged_and_the_rest_comes_back(owner: User):
    give(owner, 20)
    job_id = hold(owner, 12)

    charged = ledger.finalize(job_id=job_id, credits=11, at=NOW, title="Why cats purr")

    assert charged == 11
    assert balance(owner.pk) == Balance(available=9, held=0, debt=0)
    assert remaining(owner) == [9]


@pytest.mark.goal("M9")
def test_cost_above_the_reservation_is_ours(owner: User):
    give(owner, 20)
    job_id = hold(owner, 12)

    with capture_logs() as logs:
        charged = ledger.finalize(job_id=job_id, credits=15, at=NOW)

    assert charged == 12
    assert LedgerEntry.objects.get(kind=Kind.FINALIZE).overrun == 3
    assert [(line["event"], line["log_level"], line["overrun"]) for line in logs] == [("credits_overrun", "error", 3)]
    assert balance(owner.pk) == Balance(available=8, held=0, debt=0)


def test_a_minute_begun_above_the_quote_is_no_error(owner: User):
    give(owner, 20)
    job_id = hold(owner, 12)

    with capture_logs() as logs:
        ledger.finalize(job_id=job_id, credits=13, at=NOW)

    assert LedgerEntry.objects.get(kind=Kind.FINALIZE).overrun == 1
    assert [(line["event"], line["log_level"]) for line in logs] == [("credits_overrun", "info")]


def test_failed_video_gives_everything_back(owner: User):
    give(owner, 20)
    job_id = hold(owner, 12)

    ledger.release(job_id=job_id, at=NOW)

    assert balance(owner.pk) == Balance(available=20, held=0, debt=0)
    assert remaining(owner) == [20]


@pytest.mark.parametrize(("first", "charge"), [(Kind.FINALIZE, 5), (Kind.RELEASE, 0)])
def test_settled_video_keeps_its_first_settlement(owner: User, first: Kind, charge: int):
    give(owner, 20)
    job_id = hold(owner, 12)
    if first == Kind.FINALIZE:
        ledger.finalize(job_id=job_id, credits=5, at=NOW)
    else:
        ledger.release(job_id=job_id, at=NOW)

    again = ledger.finalize(job_id=job_id, credits=9, at=NOW)
    ledger.release(job_id=job_id, at=NOW)

    assert again == charge
    assert balance(owner.pk) == Balance(available=20 - charge, held=0, debt=0)


def test_unknown_job_is_settled_as_free(owner: User):
    assert ledger.finalize(job_id=uuid.uuid4(), credits=5, at=NOW) == 0


def test_first_to_expire_is_used_first(owner: User):
    give(owner, 10)
    buy(owner, 10, expires_at=LATER + timedelta(days=1))
    buy(owner, 10, expires_at=LATER)

    hold(owner, 12)

    assert remaining(owner) == [10, 8, 0]


def test_what_comes_back_goes_to_the_lot_that_lasts_longest(owner: User):
    give(owner, 10)
    buy(owner, 10, expires_at=LATER)
    job_id = hold(owner, 15)

    ledger.finalize(job_id=job_id, credits=12, at=NOW)

    assert remaining(owner) == [8, 0]


def test_expired_lot_cannot_be_reserved(owner: User):
    give(owner, 3)
    buy(owner, 10, expires_at=LATER)

    with pytest.raises(InsufficientCredits) as refused:
        hold(owner, 4, at=LATER)

    assert refused.value.available == 3


def test_lots_expire_once(owner: User):
    give(owner, 3)
    buy(owner, 10, expires_at=LATER)

    assert ledger.expire_lots(at=LATER - timedelta(seconds=1)) == 0
    assert ledger.expire_lots(at=LATER) == 1
    assert ledger.expire_lots(at=LATER) == 0
    assert balance(owner.pk) == Balance(available=3, held=0, debt=0)


def test_what_comes_back_to_an_expired_lot_expires(owner: User):
    buy(owner, 10, expires_at=LATER)
    job_id = hold(owner, 4)
    ledger.expire_lots(at=LATER)

    ledger.release(job_id=job_id, at=LATER)
    expired = ledger.expire_lots(at=LATER)

    assert expired == 1
    assert balance(owner.pk) == Balance(0, 0, 0)
    assert list(LedgerEntry.objects.filter(kind=Kind.EXPIRE).values_list("d_available", flat=True)) == [-6, -4]


def test_refund_of_spent_credits_becomes_a_debt_that_blocks_new_videos(owner: User):
    buy(owner, 10, key="pack:1")
    ledger.finalize(job_id=hold(owner, 7), credits=7, at=NOW)

    pay_back(owner, 10, purchase_key="pack:1")

    assert balance(owner.pk) == Balance(available=0, held=0, debt=7)
    with pytest.raises(DebtOwed) as refused:
        hold(owner, 1)
    assert refused.value.details == {"required": 1, "available": 0, "debt": 7}


def test_next_purchase_pays_the_debt_first(owner: User):
    pay_back(owner, 7)

    buy(owner, 10)

    assert balance(owner.pk) == Balance(available=3, held=0, debt=0)
    assert remaining(owner) == [3]


def test_what_comes_back_pays_the_debt_first(owner: User):
    buy(owner, 10)
    job_id = hold(owner, 8)
    pay_back(owner, 10)

    ledger.finalize(job_id=job_id, credits=1, at=NOW)

    assert balance(owner.pk) == Balance(available=0, held=0, debt=1)
    assert remaining(owner) == [0]


def test_refund_takes_from_the_lot_that_was_bought(owner: User):
    give(owner, 10, expires_at=LATER)
    buy(owner, 10, key="pack:1")

    pay_back(owner, 10, purchase_key="pack:1")

    assert remaining(owner) == [10, 0]


def test_support_corrects_a_balance_both_ways(owner: User, staff: User):
    up = ledger.adjust(user_id=owner.pk, credits=10, reason="lost in June", key="fix:1", by=staff, at=NOW)
    ledger.adjust(user_id=owner.pk, credits=-4, reason="twice", key="fix:2", by=staff, at=NOW)

    assert up.by == staff
    assert balance(owner.pk) == Balance(available=6, held=0, debt=0)


def test_support_cannot_take_more_than_there_is(owner: User, staff: User):
    give(owner, 3)

    with pytest.raises(InsufficientCredits):
        ledger.adjust(user_id=owner.pk, credits=-4, reason="", key="fix:1", by=staff, at=NOW)

    assert balance(owner.pk) == Balance(3, 0, 0)


def test_titles_of_an_erased_user_are_blanked_and_amounts_stay(owner: User):
    give(owner, 10)
    hold(owner, 4)

    assert ledger.forget_titles(user_id=owner.pk) == 1
    assert list(LedgerEntry.objects.values_list("title", "d_available")) == [("", 10), ("", -4)]


def test_sources_are_kept_with_the_lot(owner: User):
    entry = give(owner, 10, source=Source.PLAN, expires_at=LATER)

    assert (entry.lot.source, entry.lot.expires_at) == (Source.PLAN, LATER)


@pytest.mark.django_db(transaction=True)
def test_first_movements_of_a_user_at_once_are_numbered_without_gaps(owner: User):
    outcome = storm(lambda number: give(owner, 1, key=f"gift:{number % 10}"), range(40), clients=20)

    assert outcome.raised() == []
    assert list(LedgerEntry.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 11))
    assert balance(owner.pk) == Balance(10, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_expiry_and_reservations_at_once_never_spend_an_expired_credit(owner: User):
    give(owner, 20, expires_at=LATER)
    give(owner, 20)

    def act(number: int) -> None:
        if number % 4 == 0:
            ledger.expire_lots(at=LATER)
        else:
            hold(owner, 1, at=LATER)

    outcome = storm(act, range(40), clients=20)

    assert {type(error) for error in outcome.raised()} == {InsufficientCredits}
    assert len(outcome.raised()) == 10
    assert balance(owner.pk) == Balance(available=0, held=20, debt=0)
    assert list(LedgerEntry.objects.filter(kind=Kind.EXPIRE).values_list("d_available", flat=True)) == [-20]
