"""Writes about notifications: facts to be told, and what each user wants to hear."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from apps.accounts.models import User
from apps.accounts.queries import address_of
from apps.notifications import outbox
from apps.notifications.letters import LETTERS
from apps.notifications.models import Event, MailState, Notification, NotificationPreference
from apps.notifications.queries import Preferences, preferences_of

__all__ = ["change_preferences", "forget", "preferences_of", "record", "sweep"]

sweep = outbox.sweep


def record(
    *,
    user_id: UUID,
    event: Event,
    key: str,
    facts: Mapping[str, str | int],
    at: datetime,
    wanted: bool | None = None,
) -> None:
    """Note a fact to tell the user and queue its mail, in the caller's transaction.

    The same fact noted again is the same row and the same mail. `wanted` is the user's word about this one fact;
    without it their preferences decide when the mail is sent.
    """
    reason = _reason_not_to_mail(event, user_id, facts)
    state = MailState.DROPPED if reason else MailState.QUEUED
    fact = Notification(
        user_id=user_id,
        event=event,
        key=key,
        facts=dict(facts),
        created_at=at,
        wanted=wanted,
        state=state,
        reason=reason,
    )
    Notification.objects.bulk_create([fact], ignore_conflicts=True)
    if not reason:
        same = Notification.objects.filter(user_id=user_id, event=event, key=key)
        unqueued = same.filter(state=MailState.QUEUED, hinted_at__isnull=True)
        outbox.HINTS.send(list(unqueued.values_list("pk", flat=True)))


def forget(*, user_id: UUID, keys: Collection[str]) -> None:
    """Blank what these facts tell, because their subject was deleted; a mail that has not left is not sent."""
    told = Notification.objects.filter(user_id=user_id, key__in=keys)
    outbox.withdraw(told)
    told.update(facts={})


def change_preferences(*, user: User, changes: Mapping[str, bool], at: datetime) -> Preferences:
    """Turn the switches named in `changes` (fields of Preferences) and return them all."""
    NotificationPreference.objects.update_or_create(user=user, defaults={**changes, "updated_at": at})
    return preferences_of(user)


def _reason_not_to_mail(event: Event, user_id: UUID, facts: Mapping[str, str | int]) -> str:
    if not LETTERS[event].is_told(facts):
        return "told_otherwise"
    return "" if address_of(user_id) else "no_address"
