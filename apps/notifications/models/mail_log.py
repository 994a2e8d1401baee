"""What became of mails after they left: what the mail service tells, and the mailboxes that get nothing more."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from apps.notifications.models.notification import Notification


class MailEvent(models.Model):
    """One thing that the mail service told about one mail; the same thing told twice is one row."""

    class Kind(models.TextChoices):
        """The last two: the mail service took the mail and sent it to nobody, for a fault or for its own list."""

        DELIVERED = "delivered"
        DELAYED = "delayed"
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        FAILED = "failed"
        SUPPRESSED = "suppressed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_id = models.CharField(max_length=120, unique=True, help_text="the mail service's own id of this event")
    kind = models.CharField(max_length=12, choices=Kind)
    is_permanent = models.BooleanField(default=False, help_text="of a bounce: the mailbox will never take mail")
    recipient = models.CharField(max_length=320)
    notification = models.ForeignKey(
        Notification, null=True, blank=True, on_delete=models.CASCADE, related_name="mail_events"
    )
    message_id = models.CharField(max_length=120, blank=True, help_text="the mail service's own id of the mail")
    detail = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "mail_events"
        indexes = [models.Index(fields=["recipient"], name="mail_events_by_recipient")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class SuppressedMailbox(models.Model):
    """An address, in small letters, that gets no notification until its owner confirms it again."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        SUPPRESSED = "suppressed"

    address = models.CharField(max_length=320, primary_key=True)
    reason = models.CharField(max_length=12, choices=Reason)
    since = models.DateTimeField()

    class Meta:
        db_table = "suppressed_mailboxes"

    def __str__(self) -> str:
        return f"{self.reason} since {self.since:%Y-%m-%d}"
