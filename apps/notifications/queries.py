"""Reads about notifications."""

from __future__ import annotations

from dataclasses import dataclass, fields

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.accounts.queries import confirmed_addresses_of
from apps.notifications.models import MailEvent, Notification, NotificationPreference, SuppressedMailbox


@dataclass(frozen=True)
class Preferences:
    """What a user wants to be told; news about the product only when asked for."""

    video_ready: bool
    video_failed: bool
    low_credits: bool
    credits_depleted: bool
    subscription_expiring: bool
    assets_expiring: bool
    webhook_paused: bool
    marketing: bool


def preferences_of(user: User) -> Preferences:
    """Return the user's switches, the defaults when none was ever turned."""
    row = NotificationPreference.objects.filter(user=user).first() or NotificationPreference(user=user)
    return Preferences(**{field.name: getattr(row, field.name) for field in fields(Preferences)})


def is_wanted(notification: Notification, switch: str) -> bool:
    """Return whether the user wants to be told this: by their word about this fact, else by their `switch`.

    What has no switch is owed.
    """
    if notification.wanted is not None:
        return notification.wanted
    return not switch or bool(getattr(preferences_of(notification.user), switch))


def suppression_of(address: str) -> SuppressedMailbox | None:
    """Return why the mailbox gets nothing more, None while it does."""
    return SuppressedMailbox.objects.filter(pk=address.lower()).first()


def suppressions_of(user: User) -> QuerySet[SuppressedMailbox]:
    """Return those of the user's mailboxes that get nothing more."""
    return SuppressedMailbox.objects.filter(pk__in=confirmed_addresses_of(user))


def mail_events_of(user: User) -> QuerySet[MailEvent]:
    """Return what was told about the user's notifications, and about codes to addresses that they confirmed."""
    of_codes = Q(notification=None, recipient__in=confirmed_addresses_of(user))
    return MailEvent.objects.filter(Q(notification__user=user) | of_codes)
