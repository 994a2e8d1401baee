"""Reads about notifications."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.models import User
from apps.notifications.models import Notification, NotificationPreference


@dataclass(frozen=True)
class Preferences:
    """What a user wants to be told; news about the product only when asked for."""

    video_ready: bool
    video_failed: bool
    low_credits: bool
    marketing: bool


def preferences_of(user: User) -> Preferences:
    """Return the user's switches, the defaults when none was ever turned."""
    row = NotificationPreference.objects.filter(user=user).first() or NotificationPreference(user=user)
    return Preferences(row.video_ready, row.video_failed, row.low_credits, row.marketing)


def is_wanted(notification: Notification, switch: str) -> bool:
    """Return whether the user wants to be told this: by their word about this fact, else by their `switch`."""
    if notification.wanted is not None:
        return notification.wanted
    wanted: bool = getattr(preferences_of(notification.user), switch)
    return wanted
