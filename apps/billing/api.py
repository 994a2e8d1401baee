"""`/api/v1/credits` and `/api/v1/subscriptions`: what a user can spend, what became of it, and how to get more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from apps.billing import queries
from apps.billing.catalogue import Item, item_named
from apps.billing.payments import queries as payments
from apps.billing.payments.checkouts import start_checkout
from apps.billing.payments.plans import end_plan
from canvascast.api.auth import Request
from canvascast.api.schemas import REFUSALS, Body
from canvascast.errors import Invalid

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


class PurchaseIn(Body):
    item: str = Field(max_length=40, description="a pack: pack_starter, pack_creator or pack_pro")
    back: str = Field("", max_length=1_000, description="path under /app where the user goes on after paying")


class SubscriptionIn(Body):
    plan: str = Field(max_length=40, description="plan_hobbyist, plan_creator or plan_business")
    back: str = Field("", max_length=1_000, description="path under /app where the user goes on after paying")


class CheckoutOut(Body):
    checkout_url: str = Field(alias="checkout_url", description="Stripe's page on which the user pays")


class PlanOut(Body):
    id: str
    key: str
    name: str
    credits: int = Field(description="a month")
    renews_at: datetime
    ends_at: datetime | None = Field(description="set when it will not renew")
    is_unpaid: bool = Field(description="the last month could not be charged")


class PlanStateOut(Body):
    plan: PlanOut | None


@router.post("/credits/purchase", response={200: CheckoutOut, **REFUSALS}, summary="Buy credits")
def purchase(request: Request, body: PurchaseIn) -> CheckoutOut:
    """Return the address on which the user pays for a pack; the credits come when Stripe says that it was paid."""
    return _checkout(request, _require_kind(body.item, is_plan=False), body.back)


@router.post("/subscriptions", response={200: CheckoutOut, **REFUSALS}, summary="Take a plan")
def subscribe(request: Request, body: SubscriptionIn) -> CheckoutOut:
    """Return the address on which the user pays for the first month of a plan."""
    return _checkout(request, _require_kind(body.plan, is_plan=True), body.back)


@router.get("/subscriptions", response={200: PlanStateOut, **REFUSALS}, summary="The plan")
def get_subscription(request: Request) -> PlanStateOut:
    """Return the user's plan, null without one."""
    found = payments.plan_of(request.auth)
    return PlanStateOut(plan=PlanOut.model_validate(found) if found else None)


@router.post("/subscriptions/cancel", response={200: PlanStateOut, **REFUSALS}, summary="End the plan")
def cancel_subscription(request: Request) -> PlanStateOut:
    """End the user's plan with the month that is paid; asked again, it stays ended."""
    return PlanStateOut(plan=PlanOut.model_validate(payments.shown_plan(end_plan(user=request.auth))))


def _checkout(request: Request, item: Item, back: str) -> CheckoutOut:
    address = start_checkout(user=request.auth, item_key=item.key, back=back, at=timezone.now())
    return CheckoutOut(checkout_url=address)


def _require_kind(key: str, *, is_plan: bool) -> Item:
    item = item_named(key)
    if item.is_plan != is_plan:
        sentence = "That is a pack; buy it at /credits/purchase." if is_plan else "That is a plan; see /subscriptions."
        raise Invalid(sentence, {"plan" if is_plan else "item": sentence})
    return item
