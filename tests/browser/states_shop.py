"""The pages on which credits are bought, as they are where a Stripe key is set; nobody goes to Stripe from here."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Checkout, Payment, Source, Subscription
from tests.browser import people
from tests.browser.state import Arrival, State
from tests.browser.visit import Visit


def selling(arrive: Arrival) -> Arrival:
    def arrive_where_credits_are_sold(visit: Visit) -> int:
        with override_settings(PAYMENTS_ENABLED=True):
            status = arrive(visit)
            # What the page asks for by itself is to come from the same shop.
            visit.page.wait_for_load_state("networkidle")
            return status

    return arrive_where_credits_are_sold


def shop(query: str = "") -> Arrival:
    def arrive(visit: Visit) -> int:
        people.member(visit, credits=3)
        return visit.go(f"/app/credits{query}")

    return arrive


def coming_back(*, asked: int = 0, is_paid: bool = False, back: str = "") -> Arrival:
    def arrive(visit: Visit) -> int:
        user = people.member(visit)
        checkout = Checkout.objects.create(
            user=user, livemode=False, item="pack_creator", credits=50, cents=3_900, back=back
        )
        if is_paid:
            pay(user, "pack_creator", 50, 3_900, checkout=checkout)
        return visit.go(f"/app/credits?success=true&checkout={checkout.pk}&asked={asked}")

    return arrive


def with_plan(*, status: str = "active", ends: bool = False) -> Arrival:
    def arrive(visit: Visit) -> int:
        user, now = people.member(visit), timezone.now()
        subscription = Subscription.objects.create(
            pk=f"sub_{uuid.uuid4().hex}",
            user=user,
            livemode=False,
            plan="plan_creator",
            status=status,
            period_ends_at=now + timedelta(days=20),
            ends_at=now + timedelta(days=20) if ends else None,
            started_at=now,
            asked_at=now,
        )
        pay(user, "plan_creator", 100, 4_900, subscription=subscription)
        pay(user, "pack_starter", 10, 900)
        return visit.go("/app/credits")

    return arrive


def pay(user: User, item: str, credits: int, cents: int, **of: object) -> None:
    key = f"pi_{uuid.uuid4().hex}"
    entry = ledger.purchase(
        user_id=user.pk,
        credits=credits,
        source=Source.PLAN if "plan" in item else Source.PACK,
        reason="",
        key=f"stripe:{key}",
        expires_at=None,
        at=timezone.now(),
    )
    Payment.objects.create(
        pk=key,
        user=user,
        livemode=False,
        item=item,
        credits=credits,
        cents=cents,
        currency="usd",
        payment_intent_id=key,
        receipt_url="https://example.com/receipt",
        entry=entry,
        paid_at=timezone.now(),
        **of,
    )


def poor_create(visit: Visit) -> int:
    people.member(visit)
    return visit.go("/app/new?example=facts")


STATES = tuple(
    State(name, selling(arrive))
    for name, arrive in {
        "shop": shop("?back=/app/new"),
        "shop-canceled": shop("?canceled=true"),
        "shop-waiting": coming_back(),
        "shop-late": coming_back(asked=15),
        "shop-paid": coming_back(is_paid=True, back="/app/new"),
        "shop-plan": with_plan(),
        "shop-plan-ends": with_plan(ends=True),
        "shop-plan-unpaid": with_plan(status="past_due"),
        "shop-pricing": lambda visit: visit.go("/pricing"),
        "create-shop": poor_create,
    }.items()
)
