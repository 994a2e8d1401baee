from __future__ import annotations

import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.pipeline.models.ownership import OwnedQuerySet

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class ShareLink(models.Model):
    """The link by which anybody may watch a video, until it is revoked. A video has one that is live, or none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("pipeline.Project", on_delete=models.PROTECT, related_name="share_links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="share_links")
    token = models.CharField(max_length=32, unique=True, help_text="24 random bytes; its owner can copy it again")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "share_links"
        constraints = [
            models.UniqueConstraint(
                name="share_links_one_live_a_video", fields=["project"], condition=Q(revoked_at__isnull=True)
            ),
            models.CheckConstraint(
                name="share_links_token",
                condition=Q(token__regex=f"^{TOKEN.pattern}$"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
