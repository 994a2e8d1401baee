"""What becomes of mails after they left is kept, and what comes back or annoys stops the next.

What the mail service took and then sent to nobody counts as sent no longer.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.queries import addresses_of_nobody
from apps.notifications import outbox
from apps.notifications.models import MailEvent, MailState, Notification, SuppressedMailbox
from canvascast.logs import get_logger
from canvascast.plain_text import one_line

CODE_NEWS_KEPT_FOR = timedelta(days=30)
log = get_logger("mail")

_UNSENT = {MailEvent.Kind.FAILED: MailState.GIVEN_UP, MailEvent.Kind.SUPPRESSED: MailState.DROPPED}
_DETAIL_CHARACTERS = 300
_ID_CHARACTERS = 120
_ADDRESS_CHARACTERS = 320


@dataclass(frozen=True)
class Told:
    """One thing told by the mail service; `notification_id` is ours, as we gave it along, and may be nothing."""

    event_id: str
    kind: MailEvent.Kind
    recipient: str
    notification_id: str
    message_id: str
    detail: str
    is_permanent: bool
    happened_at: datetime


@transaction.atomic
def note(told: Told) -> None:
    """Keep it, once; a mailbox that does not exist, or whose owner complained, gets no notification from now on.

    Nor does one that the mail service mails no more by itself.
    """
    row = MailEvent(
        event_id=told.event_id[:_ID_CHARACTERS],
        kind=told.kind,
        is_permanent=told.is_permanent,
        recipient=told.recipient.lower()[:_ADDRESS_CHARACTERS],
        notification_id=_known(told.notification_id),
        message_id=told.message_id[:_ID_CHARACTERS],
        detail=one_line(told.detail)[:_DETAIL_CHARACTERS],
        happened_at=told.happened_at,
    )
    MailEvent.objects.bulk_create([row], ignore_conflicts=True)
    # The row that is kept: the same event told a second time, after the address was confirmed again, stops nothing.
    if not MailEvent.objects.filter(pk=row.pk).exists():
        return
    if _stops(row):
        _suppress(row)
    if told.kind in _UNSENT and row.notification_id:
        outbox.take_back_sent(row.notification_id, state=_UNSENT[told.kind], reason=told.kind)


def release(address: str) -> None:
    """Let notifications go to the mailbox again: its owner has shown that mail arrives there and is wanted."""
    SuppressedMailbox.objects.filter(pk=address.lower()).delete()


def forget_mailboxes(addresses: Iterable[str]) -> None:
    """Delete what is kept under those of these addresses that nobody has any more."""
    left = addresses_of_nobody(addresses)
    MailEvent.objects.filter(recipient__in=left).delete()
    SuppressedMailbox.objects.filter(pk__in=left).delete()


def old_code_news(at: datetime) -> QuerySet[MailEvent]:
    """Return what was told longer ago than it is kept about codes and other mails that are no notification.

    No row says whose they are, so no erasure finds them once their reader has another address.
    """
    return MailEvent.objects.filter(notification=None, created_at__lt=at - CODE_NEWS_KEPT_FOR)


def _known(notification_id: str) -> UUID | None:
    try:
        known = uuid.UUID(notification_id)
    except (ValueError, TypeError, AttributeError):
        return None
    return Notification.objects.filter(pk=known).values_list("pk", flat=True).first()


def _stops(event: MailEvent) -> bool:
    if event.kind == MailEvent.Kind.BOUNCED:
        return event.is_permanent
    return event.kind in (MailEvent.Kind.COMPLAINED, MailEvent.Kind.SUPPRESSED)


def _suppress(event: MailEvent) -> None:
    mailbox = SuppressedMailbox(address=event.recipient, reason=event.kind, since=event.happened_at)
    SuppressedMailbox.objects.bulk_create([mailbox], ignore_conflicts=True)
    log.warning("mailbox_suppressed", reason=str(event.kind), notificationId=str(event.notification_id or ""))
