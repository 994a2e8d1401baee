"""How many notifications may leave: counted on the rows of those that were handed over, whatever became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from apps.notifications.models import Notification
from canvascast.advisory_locks import until_commit

MAILS_AN_HOUR_TO_ONE = 20


def take_turns() -> None:
    """Let one transaction at a time count and hand over."""
    until_commit("mail_rates")


def next_allowed(user_id: UUID, *, at: datetime) -> datetime | None:
    """Return when a mail to that user may leave, None when it may now. Two short index reads."""
    to_all, to_one = Notification.objects.all(), Notification.objects.filter(user_id=user_id)
    moments = (
        _free_again(to_all, most=settings.MAILS_A_MINUTE, window=timedelta(minutes=1), at=at),
        _free_again(to_one, most=MAILS_AN_HOUR_TO_ONE, window=timedelta(hours=1), at=at),
    )
    return max((moment for moment in moments if moment), default=None)


def _free_again(handed: QuerySet[Notification], *, most: int, window: timedelta, at: datetime) -> datetime | None:
    recent = handed.filter(handed_at__gt=at - window).order_by("-handed_at").values_list("handed_at", flat=True)
    oldest_that_counts = next(iter(recent[most - 1 : most]), None)
    return oldest_that_counts + window if oldest_that_counts else None
