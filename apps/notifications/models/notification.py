"""Facts that a user is to be told, written in the transaction that made them true, and what each user wants to hear."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone


class Event(models.TextChoices):
    WELCOME = "welcome"
    VIDEO_READY = "video_ready"
    VIDEO_FAILED = "video_failed"
    LOW_CREDITS = "low_credits"
    CREDITS_DEPLETED = "credits_depleted"
    PURCHASE_RECEIPT = "purchase_receipt"
    SUBSCRIPTION_RENEWED = "subscription_renewed"
    SUBSCRIPTION_EXPIRING = "subscription_expiring"
    PAYMENT_FAILED = "payment_failed"
    ASSETS_EXPIRING = "assets_expiring"
    WEBHOOK_PAUSED = "webhook_paused"


class MailState(models.TextChoices):
    """How far the mail about a fact is; the last three are for good."""

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    DROPPED = "DROPPED", "not sent, on purpose"
    GIVEN_UP = "GIVEN_UP", "could not be sent"


class Notification(models.Model):
    """One fact for one user, and its mail. `key` makes it unique: the same fact told twice is one row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    event = models.CharField(max_length=30, choices=Event)
    key = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    wanted = models.BooleanField(
        null=True, blank=True, help_text="the user's word about this one fact; empty: as their preferences say"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=10, choices=MailState, default=MailState.QUEUED)
    reason = models.CharField(max_length=20, blank=True, help_text="why it was dropped or given up, or tried again")
    tries = models.PositiveSmallIntegerField(default=0, help_text="starts, each counted before it does anything")
    doubtful_tries = models.PositiveSmallIntegerField(
        default=0,
        help_text="handed to the mail server without hearing that it was taken; a sent one with any: repeated",
    )
    holder = models.UUIDField(null=True, blank=True, editable=False, help_text="who may write while it is being sent")
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(db_default=Now())
    hinted_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True, help_text="when it was last given to the mail server")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "notifications"
        constraints = [
            models.UniqueConstraint(name="notifications_once", fields=["user", "event", "key"]),
            models.CheckConstraint(
                name="notifications_lease_iff_sending",
                condition=Q(state=MailState.SENDING, lease_until__isnull=False, holder__isnull=False)
                | (~Q(state=MailState.SENDING) & Q(lease_until__isnull=True, holder__isnull=True)),
            ),
            models.CheckConstraint(
                name="notifications_sent_at_iff_sent",
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notifications_by_user"),
            models.Index(
                fields=["due_at"],
                name="notifications_open",
                condition=Q(state__in=[MailState.QUEUED, MailState.SENDING]),
            ),
            models.Index(fields=["-handed_at"], name="notifications_handed"),
            models.Index(fields=["created_at"], name="notifications_given_up", condition=Q(state=MailState.GIVEN_UP)),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class NotificationPreference(models.Model):
    """A user's switches; a missing row means the defaults: everything about what is theirs on, marketing off.

    What is owed to everybody who pays, as a receipt, has no switch.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="notification_preference"
    )
    video_ready = models.BooleanField(default=True)
    video_failed = models.BooleanField(default=True)
    low_credits = models.BooleanField(default=True)
    # With defaults of the database, so that a site of the version before can still write rows while it is replaced.
    credits_depleted = models.BooleanField(default=True, db_default=True)
    subscription_expiring = models.BooleanField(default=True, db_default=True)
    assets_expiring = models.BooleanField(default=True, db_default=True)
    webhook_paused = models.BooleanField(default=True, db_default=True)
    marketing = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "notification_preferences"

    def __str__(self) -> str:
        return str(self.user_id)
