"""`/api/v1/credits`: what a user can spend and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from apps.billing import queries
from canvascast.api.auth import Request
from canvascast.api.schemas import REFUSALS, Body

router = Router(tags=["credits"], by_alias=True)


class BalanceOut(Body):
    """`balance` is `available` and `reserved` together."""

    balance: int
    reserved: int = Field(description="set aside for videos in the making")
    available: int
    owed: int = Field(description="what the next credits pay first")


class TransactionOut(Body):
    seq: int
    at: datetime
    kind: str
    text: str
    credits: int = Field(description="what it did to the available credits")
    balance: int = Field(description="what was available after it")
    job_id: UUID | None
    project_id: UUID | None


class HistoryOut(Body):
    transactions: list[TransactionOut]
    next_before: int | None = Field(description="`before` of the next page; null on the last one")


@router.get("/credits/balance", response={200: BalanceOut, **REFUSALS}, summary="Balance")
def get_balance(request: Request) -> BalanceOut:
    """Return what the user has."""
    found = queries.balance(request.auth.pk)
    return BalanceOut(
        balance=found.available + found.held, reserved=found.held, available=found.available, owed=found.debt
    )


@router.get("/credits/history", response={200: HistoryOut, **REFUSALS}, summary="History")
def get_history(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, lt=2**31, description="only movements before this `seq`")] = None,
) -> HistoryOut:
    """Return the user's movements, newest first."""
    found = queries.history(request.auth.pk, limit + 1, before)
    shown = [TransactionOut.model_validate(movement) for movement in found[:limit]]
    return HistoryOut(transactions=shown, next_before=shown[-1].seq if len(found) > limit else None)
