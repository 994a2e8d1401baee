from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.pipeline.models.ownership import OwnedQuerySet


class VoiceProfileState(models.TextChoices):
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"


class VoiceProfile(models.Model):
    """A voice of the user's own, from samples they have the right to use. Cloning gives it its `provider_voice_id`.

    Whoever works on it at the vendor, be it to learn or to delete it, has the lease. `tries` counts how often the
    vendor was or may have been asked to learn it. A deleted one is done with when `vendor_cleared_at` is set.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="voice_profiles")
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=VoiceProfileState, default=VoiceProfileState.PENDING)
    language = models.CharField(max_length=20, default="en", help_text="what it speaks where nothing else is asked for")
    consented_at = models.DateTimeField(help_text="when the user confirmed the right to use this voice")
    provider = models.CharField(max_length=40, blank=True)
    provider_voice_id = models.CharField(max_length=120, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    holder = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(default=timezone.now, editable=False)
    hinted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    vendor_cleared_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "voice_profiles"
        constraints = [
            models.CheckConstraint(
                name="voice_profiles_ready_has_voice",
                condition=~Q(state=VoiceProfileState.READY) | ~Q(provider_voice_id=""),
            ),
            models.CheckConstraint(
                name="voice_profiles_lease_has_holder",
                condition=Q(holder__isnull=True, lease_until__isnull=True)
                | Q(holder__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="voice_profiles_cleared_is_deleted",
                condition=Q(vendor_cleared_at__isnull=True) | Q(deleted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="voice_profiles_by_user"),
            models.Index(
                fields=["due_at"],
                name="voice_profiles_to_do",
                condition=Q(deleted_at__isnull=True, state__in=["PENDING", "PROCESSING"])
                | Q(deleted_at__isnull=False, vendor_cleared_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VoiceSample(models.Model):
    """One recording, transcoded to 48 kHz mono PCM; the file that was sent is never kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(VoiceProfile, on_delete=models.CASCADE, related_name="samples")
    storage_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    duration_ms = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "voice_samples"
        constraints = [models.UniqueConstraint(name="voice_samples_once", fields=["profile", "sha256"])]

    def __str__(self) -> str:
        return f"{self.duration_ms} ms"
