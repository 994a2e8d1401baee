"""Writes about notifications: facts to be told, and what each user wants to hear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.accounts.models import User
from apps.notifications.models import Event, Notification, NotificationPreference
from apps.notifications.queries import Preferences, preferences_of

__all__ = ["change_preferences", "preferences_of", "record"]


def record(*, user_id: UUID, event: Event, key: str, facts: Mapping[str, str | int], at: datetime) -> None:
    """Note a fact to tell the user, in the caller's transaction; the same fact noted again is the same row."""
    Notification.objects.bulk_create(
        [Notification(user_id=user_id, event=event, key=key, facts=dict(facts), created_at=at)],
        ignore_conflicts=True,
    )


def change_preferences(*, user: User, changes: Mapping[str, bool], at: datetime) -> Preferences:
    """Turn the switches named in `changes` (fields of Preferences) and return them all."""
    NotificationPreference.objects.update_or_create(user=user, defaults={**changes, "updated_at": at})
    return preferences_of(user)
