"""Reads about credits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum, Window

from apps.billing.models import CreditLot, LedgerEntry, Source, Wallet
from apps.billing.refusals import DebtOwed, InsufficientCredits
from apps.billing.words import last_day, lot_in_words, signed, words_for
from canvascast.errors import NotFound

# A video is tried again and changed scene by scene, but nobody reads more lines than these.
_MOVEMENTS_OF_A_VIDEO = 200


@dataclass(frozen=True)
class Balance:
    """Credits of a user: what can be spent, what is set aside for open videos, what is owed."""

    available: int
    held: int
    debt: int


@dataclass(frozen=True)
class Movement:
    """One line of a user's history. `credits` is what it did to the balance, `balance` what was available after it.

    `amount` says `credits` with its sign; `title` is the video's, as it was called then.
    """

    seq: int
    at: datetime
    kind: str
    text: str
    credits: int
    amount: str
    balance: int
    job_id: UUID | None
    project_id: UUID | None
    title: str


@dataclass(frozen=True)
class Lot:
    """Credits that came together: what is left of them and when they expire; `text` says it."""

    source: str
    text: str
    credits: int
    remaining: int
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Statement:
    """A user's credits on one page: balance, lots with credits left, newest movements."""

    balance: Balance
    lots: list[Lot]
    movements: list[Movement]


def statement(user_id: UUID, *, limit: int = 50) -> Statement:
    """Return the user's balance, lots and newest movements. Three queries."""
    return Statement(balance(user_id), lots(user_id), history(user_id, limit=limit))


def balance(user_id: UUID) -> Balance:
    """Return the user's balance; nothing for a user who never had credits."""
    wallet = Wallet.objects.filter(pk=user_id).first() or Wallet(pk=user_id)
    return Balance(wallet.available, wallet.held, wallet.debt)


def require_available(user_id: UUID, credits: int) -> None:
    """Raise DebtOwed or InsufficientCredits where so many credits cannot be set aside as the balance is now. One query.

    For what is done before they are; the ledger has the last word.
    """
    now = balance(user_id)
    if now.debt:
        raise DebtOwed(credits, now.debt)
    if now.available < credits:
        raise InsufficientCredits(credits, now.available)


def history(user_id: UUID, limit: int = 50, before_seq: int | None = None) -> list[Movement]:
    """Return the user's newest movements, newest first; `before_seq` goes on after the last one that was shown."""
    rows = LedgerEntry.objects.filter(user_id=user_id)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    return [_movement(row, row.balance) for row in _with_balance(rows).order_by("-seq")[:limit]]


def history_of_video(user_id: UUID, project_id: UUID) -> list[Movement]:
    """Return what one of the user's videos moved, newest first. Raises NotFound when it moved nothing of theirs."""
    earlier = LedgerEntry.objects.filter(user_id=user_id, seq__lte=OuterRef("seq")).order_by().values("user_id")
    rows = LedgerEntry.objects.filter(user_id=user_id, project_id=project_id).select_related("lot")
    counted = rows.annotate(balance=Subquery(earlier.annotate(total=Sum("d_available")).values("total")))
    found = [_movement(row, row.balance) for row in counted.order_by("-seq")[:_MOVEMENTS_OF_A_VIDEO]]
    if not found:
        raise NotFound
    return found


def whole_history(user_id: UUID) -> Iterator[Movement]:
    """Yield all of the user's movements, oldest first, a few thousand in memory at a time."""
    rows = _with_balance(LedgerEntry.objects.filter(user_id=user_id)).order_by("seq")
    for row in rows.iterator(chunk_size=2_000):
        yield _movement(row, row.balance)


def lots(user_id: UUID) -> list[Lot]:
    """Return the lots that have credits left, first to expire first."""
    rows = CreditLot.objects.filter(user_id=user_id, remaining__gt=0)
    return [
        Lot(row.source, lot_in_words(row), row.credits, row.remaining, row.expires_at, row.created_at)
        for row in rows.order_by(F("expires_at").asc(nulls_last=True), "entry__seq")
    ]


def end_of_plan_credits(user_id: UUID, *, at: datetime) -> date | None:
    """Return the last day of those credits of the user's plans that end first; None where none are left."""
    left = CreditLot.objects.filter(user_id=user_id, source=Source.PLAN, remaining__gt=0, expires_at__gt=at)
    first = left.order_by("expires_at").first()
    return last_day(first.expires_at) if first is not None and first.expires_at is not None else None


def _with_balance(rows: QuerySet[LedgerEntry]) -> Any:  # Any: rows with a `balance` beside their columns
    """Later rows may be left out of `rows`, but all earlier ones must be there to be summed."""
    running = Window(Sum("d_available"), order_by=F("seq").asc())
    return rows.select_related("lot").annotate(balance=running)


def _movement(row: LedgerEntry, balance_after: int) -> Movement:
    return Movement(
        seq=row.seq,
        at=row.created_at,
        kind=row.kind,
        text=words_for(row),
        credits=row.d_available,
        amount=signed(row.d_available),
        balance=balance_after,
        job_id=row.job_id,
        project_id=row.project_id,
        title=row.title,
    )
