from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.actions import record
from apps.notifications.models import Event, Notification

PROJECT = UUID("00000000-0000-4000-8000-000000000001")
READY = {"title": "Why cats purr", "projectId": str(PROJECT), "seconds": 90, "credits": 11, "held": 12, "still": ""}
FAILED = {
    "title": "Why cats purr",
    "projectId": str(PROJECT),
    "sentence": "We couldn’t draw scene 6. The picture service refused the description.",
    "creditsBack": 12,
}
PAID = {"cents": 3900, "currency": "usd", "receipt": "", "available": 61}
# One fact of each kind that is mailed.
FACTS = {
    Event.WELCOME: {"credits": 10},
    Event.VIDEO_READY: READY,
    Event.VIDEO_FAILED: FAILED,
    Event.LOW_CREDITS: {"available": 4},
    Event.CREDITS_DEPLETED: {"available": 0},
    Event.PURCHASE_RECEIPT: {**PAID, "item": "50 credits", "credits": 50},
    Event.SUBSCRIPTION_RENEWED: {**PAID, "plan": "Creator", "credits": 100, "rolled": 20, "until": "2027-01-03"},
    Event.SUBSCRIPTION_EXPIRING: {"plan": "Creator", "until": "2027-01-03", "credits": 12},
    Event.PAYMENT_FAILED: {"plan": "Creator", "cents": 4900, "currency": "usd", "next": "2027-01-06"},
    Event.ASSETS_EXPIRING: {"title": "Why cats purr", "projectId": str(PROJECT), "count": 1, "until": "2027-01-03"},
    Event.WEBHOOK_PAUSED: {"host": "example.com", "endpointId": str(PROJECT), "since": "2026-12-01"},
}


@pytest.fixture
def user(db) -> User:
    return reachable("ada@example.com")


def reachable(email: str, *, verified: bool = True) -> User:
    user = User.objects.create_user(email)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def note(user: User, event: Event = Event.VIDEO_READY, *, wanted: bool | None = None, **facts: object) -> Notification:
    """Note a fact as a video's end does."""
    key = str(uuid4())
    whole = {**FACTS[event], **facts}
    record(user_id=user.pk, event=event, key=key, facts=whole, at=timezone.now(), wanted=wanted)
    return Notification.objects.get(user=user, event=event, key=key)
