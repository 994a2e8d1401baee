"""Facts that a user is to be told, written in the transaction that made them true, and what each user wants to hear."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Event(models.TextChoices):
    WELCOME = "welcome"
    VIDEO_READY = "video_ready"
    VIDEO_FAILED = "video_failed"
    LOW_CREDITS = "low_credits"
    CREDITS_DEPLETED = "credits_depleted"


class Notification(models.Model):
    """One fact for one user. `key` makes it unique: the same fact told twice is one row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    event = models.CharField(max_length=30, choices=Event)
    key = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "notifications"
        constraints = [models.UniqueConstraint(name="notifications_once", fields=["user", "event", "key"])]
        indexes = [models.Index(fields=["user", "-created_at"], name="notifications_by_user")]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class NotificationPreference(models.Model):
    """A user's switches; a missing row means the defaults: everything about their own videos on, marketing off."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="notification_preference"
    )
    video_ready = models.BooleanField(default=True)
    video_failed = models.BooleanField(default=True)
    low_credits = models.BooleanField(default=True)
    marketing = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "notification_preferences"

    def __str__(self) -> str:
        return str(self.user_id)
