"""What a visitor typed before having an account."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class DraftPrompt(models.Model):
    """A prompt or transcript with its options, under an anonymous token, until an account claims it.

    The token itself is only in the visitor's cookie; `token_hash` is its SHA-256, empty once the draft is claimed or a
    newer one has taken its token. `ip_hash` is an HMAC of the visitor's address and counts drafts per address.
    A claimed draft waits until a video is ordered with it, or its time is over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="drafts"
    )
    token_hash = models.CharField(max_length=64, blank=True)
    ip_hash = models.CharField(max_length=64, blank=True)
    prompt = models.TextField(blank=True)
    transcript = models.TextField(blank=True)
    options = models.JSONField(default=dict, help_text="the chosen options, by the names of the projects API")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    ordered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "draft_prompts"
        constraints = [
            models.CheckConstraint(
                name="draft_prompts_claimed_at_iff_user",
                condition=Q(user__isnull=True, claimed_at__isnull=True)
                | Q(user__isnull=False, claimed_at__isnull=False),
            ),
            models.CheckConstraint(name="draft_prompts_has_text", condition=~Q(prompt="", transcript="")),
            models.UniqueConstraint(
                name="draft_prompts_one_a_token", fields=["token_hash"], condition=~Q(token_hash="")
            ),
            models.CheckConstraint(
                name="draft_prompts_claimed_has_no_token", condition=Q(user__isnull=True) | Q(token_hash="")
            ),
        ]
        indexes = [
            models.Index(fields=["ip_hash", "-created_at"], name="draft_prompts_by_ip"),
            models.Index(fields=["user", "-created_at"], name="draft_prompts_by_user"),
            models.Index(fields=["expires_at"], name="draft_prompts_by_expiry"),
        ]

    def __str__(self) -> str:
        return str(self.id)
