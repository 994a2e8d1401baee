"""Programs that are told: their addresses, and each thing that one is to be told with what became of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone


class WebhookEvent(models.TextChoices):
    JOB_READY = "job.ready", "A video is ready"
    JOB_FAILED = "job.failed", "A video could not be made"
    TEST = "webhook.test", "A test"


class WebhookEndpoint(models.Model):
    """An address of a user's program. `secret` signs what is sent there; the one before still does for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=500)
    events = models.JSONField(help_text="the types that are sent there")
    secret = models.CharField(max_length=60)
    previous_secret = models.CharField(max_length=60, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="the first of the failures since it answered")
    paused_at = models.DateTimeField(null=True, blank=True, help_text="when we turned it off because it did not answer")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "webhook_endpoints"
        indexes = [models.Index(fields=["user", "created_at"], name="webhook_endpoints_by_user")]
        constraints = [
            models.CheckConstraint(
                name="webhook_endpoints_paused_is_off", condition=Q(paused_at__isnull=True) | Q(is_active=False)
            ),
        ]

    def __str__(self) -> str:
        return self.url


class DeliveryState(models.TextChoices):
    """How far a delivery is; the last three are for good."""

    QUEUED = "QUEUED", "Waiting"
    SENDING = "SENDING", "Being sent"
    DELIVERED = "DELIVERED", "Delivered"
    DROPPED = "DROPPED", "Not sent"
    GIVEN_UP = "GIVEN_UP", "Given up"


class WebhookDelivery(models.Model):
    """One thing to tell one address. `message_id` is the receiver's way to know it again, however often it comes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=60)
    event = models.CharField(max_length=30, choices=WebhookEvent)
    subject = models.CharField(max_length=60, help_text="the job that it is about")
    payload = models.JSONField()
    is_again = models.BooleanField(default=False, help_text="sent a further time because the user asked")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    reason = models.CharField(max_length=30, blank=True, help_text="why it is not delivered, as a word")
    tries = models.PositiveSmallIntegerField(default=0)
    holder = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(db_default=Now())
    hinted_at = models.DateTimeField(null=True, blank=True)
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer_ms = models.PositiveIntegerField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "webhook_deliveries"
        constraints = [
            models.UniqueConstraint(
                name="webhook_deliveries_once", fields=["endpoint", "message_id"], condition=Q(is_again=False)
            ),
            models.CheckConstraint(
                name="webhook_deliveries_lease",
                condition=Q(state=DeliveryState.SENDING, lease_until__isnull=False, holder__isnull=False)
                | (~Q(state=DeliveryState.SENDING) & Q(lease_until__isnull=True, holder__isnull=True)),
            ),
            models.CheckConstraint(
                name="webhook_deliveries_delivered_at",
                condition=Q(state=DeliveryState.DELIVERED, delivered_at__isnull=False)
                | (~Q(state=DeliveryState.DELIVERED) & Q(delivered_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "-created_at"], name="webhook_deliveries_log"),
            models.Index(fields=["subject"], name="webhook_deliveries_by_subject"),
            models.Index(
                fields=["due_at"],
                name="webhook_deliveries_open",
                condition=Q(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.subject}"
