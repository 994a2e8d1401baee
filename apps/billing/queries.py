"""Reads about credits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum, Window

from apps.billing.models import CreditLot, LedgerEntry, Wallet
from apps.billing.words import words_for


@dataclass(frozen=True)
class Balance:
    """Credits of a user: what can be spent, what is set aside for open videos, what is owed."""

    available: int
    held: int
    debt: int


@dataclass(frozen=True)
class Movement:
    """One line of a user's history. `credits` is what it did to the balance, `balance` what was available after it."""

    seq: int
    at: datetime
    kind: str
    text: str
    credits: int
    balance: int
    job_id: UUID | None
    project_id: UUID | None


@dataclass(frozen=True)
class Lot:
    """Credits that came together: what is left of them and when they expire."""

    source: str
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


def history(user_id: UUID, limit: int = 50, before_seq: int | None = None) -> list[Movement]:
    """Return the user's newest movements, newest first; `before_seq` goes on after the last one that was shown."""
    rows = LedgerEntry.objects.filter(user_id=user_id)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    in_words = rows.select_related("lot").annotate(
        # Later rows are left out above, but all earlier ones are there to be summed.
        balance=Window(Sum("d_available"), order_by=F("seq").asc()),
    )
    return [_movement(row, row.balance) for row in in_words.order_by("-seq")[:limit]]


def lots(user_id: UUID) -> list[Lot]:
    """Return the lots that have credits left, first to expire first."""
    rows = CreditLot.objects.filter(user_id=user_id, remaining__gt=0)
    return [
        Lot(row.source, row.credits, row.remaining, row.expires_at, row.created_at)
        for row in rows.order_by(F("expires_at").asc(nulls_last=True), "entry__seq")
    ]


def _movement(row: LedgerEntry, balance_after: int) -> Movement:
    return Movement(
        seq=row.seq,
        at=row.created_at,
        kind=row.kind,
        text=words_for(row),
        credits=row.d_available,
        balance=balance_after,
        job_id=row.job_id,
        project_id=row.project_id,
    )
