"""`/api/v1/notifications`: what a user wants to be told."""

from __future__ import annotations

from django.utils import timezone
from ninja import Router
from pydantic import StrictBool

from apps.notifications import actions, queries
from canvascast.api.auth import Request
from canvascast.api.schemas import REFUSALS, Asked, Body

router = Router(tags=["notifications"])


class PreferencesOut(Body):
    video_ready: bool
    video_failed: bool
    low_credits: bool
    credits_depleted: bool
    subscription_expiring: bool
    assets_expiring: bool
    webhook_paused: bool
    marketing: bool


class PreferencesIn(Asked):
    """The switches to turn; what is left out stays as it is."""

    video_ready: StrictBool | None = None
    video_failed: StrictBool | None = None
    low_credits: StrictBool | None = None
    credits_depleted: StrictBool | None = None
    subscription_expiring: StrictBool | None = None
    assets_expiring: StrictBool | None = None
    webhook_paused: StrictBool | None = None
    marketing: StrictBool | None = None


@router.get("/notifications/preferences", response={200: PreferencesOut, **REFUSALS}, by_alias=True)
def get_preferences(request: Request) -> queries.Preferences:
    """Return what the user wants to be told."""
    return queries.preferences_of(request.auth)


@router.patch("/notifications/preferences", response={200: PreferencesOut, **REFUSALS}, by_alias=True)
def change_preferences(request: Request, body: PreferencesIn) -> queries.Preferences:
    """Turn the switches that are named."""
    changes = body.model_dump(exclude_none=True)
    return actions.change_preferences(user=request.auth, changes=changes, at=timezone.now())
