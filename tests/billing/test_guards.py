"""What the database refuses whoever asks: SQL, ORM or a slip in our own code."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, models, transaction

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import CreditLot, Kind, LedgerEntry, LotAllocation, Source, Wallet
from apps.billing.queries import Balance, balance
from tests.billing.moves import NOW, give, hold

pytestmark = pytest.mark.django_db


def refused_by(act: Callable[[], object]) -> str:
    """Return the name of the constraint that refuses `act`."""

    def act_and_commit() -> None:
        with transaction.atomic():
            act()
            connection.check_constraints()

    with pytest.raises(IntegrityError) as error:
        act_and_commit()
    name: str = error.value.__cause__.diag.constraint_name
    return name


def run(sql: str) -> Callable[[], None]:
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return act


def insert(user: User, kind: Kind, **columns: object) -> Callable[[], LedgerEntry]:
    deltas = {"d_available": 0, "d_held": 0, "d_debt": 0, **columns}
    deltas.setdefault("d_external", -(deltas["d_available"] + deltas["d_held"] + deltas["d_debt"]))
    return lambda: LedgerEntry.objects.create(user=user, kind=kind, idempotency_key=str(uuid.uuid4()), **deltas)


@pytest.fixture
def held(owner: User) -> uuid.UUID:
    give(owner, 10)
    job_id = hold(owner, 4)
    # PostgreSQL truncates no table that has deferred checks waiting.
    connection.check_constraints()
    return job_id


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("UPDATE credit_ledger SET d_available = d_available + 1, d_external = d_external - 1", "credit_ledger"),
        ("UPDATE credit_ledger SET title = 'Another'", "credit_ledger"),
        ("UPDATE credit_ledger SET title = '', seq = seq + 10", "credit_ledger"),
        ("UPDATE credit_ledger SET created_at = now()", "credit_ledger"),
        ("DELETE FROM credit_ledger", "credit_ledger"),
        ("TRUNCATE credit_ledger CASCADE", "credit_ledger"),
        ("UPDATE lot_allocations SET credits = credits + 1", "lot_allocations"),
        ("DELETE FROM lot_allocations", "lot_allocations"),
        ("TRUNCATE lot_allocations", "lot_allocations"),
        ("DELETE FROM credit_lots", "credit_lots"),
        ("DELETE FROM wallets", "wallets"),
        ("TRUNCATE wallets", "wallets"),
    ],
)
def test_rows_of_the_ledger_stay_as_they_are(held: uuid.UUID, sql: str, table: str):
    assert refused_by(run(sql)) == f"{table}_append_only"


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE wallets SET available = 1000", "wallets_only_by_ledger"),
        ("UPDATE credit_lots SET remaining = credits", "credit_lots_only_by_ledger"),
        ("UPDATE credit_lots SET expires_at = NULL", "credit_lots_only_by_ledger"),
    ],
)
def test_wallets_and_lots_change_only_with_the_ledger(held: uuid.UUID, sql: str, constraint: str):
    assert refused_by(run(sql)) == constraint


def test_orm_cannot_change_or_delete_a_row(held: uuid.UUID):
    entry = LedgerEntry.objects.get(kind=Kind.RESERVE)
    entry.d_available, entry.d_held = -1, 1

    assert refused_by(entry.save) == "credit_ledger_append_only"
    every = LedgerEntry.objects.filter(kind=Kind.RESERVE)
    assert refused_by(lambda: every._raw_delete(using=every.db)) == "credit_ledger_append_only"


def test_user_with_a_ledger_cannot_be_deleted(owner: User, held: uuid.UUID):
    with pytest.raises(models.ProtectedError):
        owner.delete()


@pytest.mark.parametrize(
    ("kind", "columns", "constraint"),
    [
        (Kind.GRANT, {"d_available": 5, "d_external": -4}, "credit_ledger_sums_to_zero"),
        (Kind.GRANT, {"d_available": -5}, "credit_ledger_signs_by_kind"),
        (Kind.PURCHASE, {"d_held": 5}, "credit_ledger_signs_by_kind"),
        (Kind.REFUND, {"d_available": 5}, "credit_ledger_signs_by_kind"),
        (Kind.EXPIRE, {"d_available": 5}, "credit_ledger_signs_by_kind"),
        (Kind.ADJUST, {}, "credit_ledger_signs_by_kind"),
        ("BONUS", {"d_available": 5}, "credit_ledger_signs_by_kind"),
        (Kind.GRANT, {"d_available": 5, "overrun": 1}, "credit_ledger_overrun_of_finalize"),
        (Kind.GRANT, {"d_available": 5, "seq": 4}, "credit_ledger_seq_without_gaps"),
        (Kind.GRANT, {"d_available": 5, "seq": 2}, "credit_ledger_seq_without_gaps"),
        (Kind.GRANT, {"d_available": 5, "job_id": uuid.uuid4()}, "credit_ledger_job_iff_video"),
        (Kind.RESERVE, {"d_available": -1, "d_held": 1}, "credit_ledger_job_iff_video"),
        (Kind.EXPIRE, {"d_available": -7}, "wallets_available_not_negative"),
        (Kind.REFUND, {"d_debt": -7}, "wallets_debt_only_when_empty"),
        (Kind.GRANT, {"d_available": 5}, "credit_ledger_equals_lots"),
        (Kind.GRANT, {"d_debt": 5}, "wallets_debt_not_negative"),
    ],
)
def test_row_that_does_not_add_up_is_refused(owner: User, held: uuid.UUID, kind, columns, constraint: str):
    before = balance(owner.pk)

    assert refused_by(insert(owner, kind, **columns)) == constraint
    assert balance(owner.pk) == before


@pytest.mark.parametrize("kind", [Kind.FINALIZE, Kind.RELEASE])
@pytest.mark.parametrize("credits", [3, 5])
def test_settlement_of_another_amount_is_refused(owner: User, held: uuid.UUID, kind: Kind, credits: int):
    settle = insert(owner, kind, d_available=credits, d_held=-credits, job_id=held)

    assert refused_by(settle) == "credit_ledger_settles_reservation"


def test_settlement_without_a_reservation_is_refused(owner: User, held: uuid.UUID):
    settle = insert(owner, Kind.RELEASE, d_available=4, d_held=-4, job_id=uuid.uuid4())

    assert refused_by(settle) == "credit_ledger_settles_reservation"


def test_settlement_for_another_user_is_refused(owner: User, staff: User, held: uuid.UUID):
    settle = insert(staff, Kind.RELEASE, d_available=4, d_held=-4, job_id=held)

    assert refused_by(settle) == "credit_ledger_settles_reservation"


def test_second_reservation_or_settlement_of_a_job_is_refused(owner: User, held: uuid.UUID):
    reserve_again = insert(owner, Kind.RESERVE, d_available=-4, d_held=4, job_id=held)
    assert refused_by(reserve_again) == "credit_ledger_one_reserve"

    ledger.release(job_id=held, at=NOW)
    hold(owner, 4)
    settle_again = insert(owner, Kind.RELEASE, d_available=4, d_held=-4, job_id=held)
    assert refused_by(settle_again) == "credit_ledger_one_settlement"


def test_wallet_begins_empty(staff: User):
    assert refused_by(lambda: Wallet.objects.create(user=staff, available=100)) == "wallets_only_by_ledger"


def test_lot_without_its_row_is_refused(owner: User, held: uuid.UUID):
    entry = LedgerEntry.objects.get(kind=Kind.RESERVE)

    def more() -> None:
        CreditLot.objects.create(user=owner, entry=entry, source=Source.GIFT, credits=5, remaining=5)

    assert refused_by(more) == "credit_ledger_equals_lots"


def test_allocation_without_its_row_is_refused(held: uuid.UUID):
    lot = CreditLot.objects.get()
    entry = LedgerEntry.objects.get(kind=Kind.GRANT)

    def give_back() -> None:
        LotAllocation.objects.create(entry=entry, lot=lot, credits=-1)

    assert refused_by(give_back) == "credit_ledger_equals_lots"


def test_row_left_out_as_a_duplicate_does_not_reach_the_wallet(owner: User):
    first = give(owner, 10)
    copy = LedgerEntry(
        user=owner, kind=Kind.GRANT, d_available=10, d_external=-10, idempotency_key=first.idempotency_key
    )

    LedgerEntry.objects.bulk_create([copy], ignore_conflicts=True)

    assert balance(owner.pk) == Balance(10, 0, 0)
    assert Wallet.objects.get().last_seq == 1
