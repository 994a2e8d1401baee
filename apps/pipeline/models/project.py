from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.pipeline.models.ownership import OwnedQuerySet


class Project(models.Model):
    """One video and all attempts to make it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="projects")
    title = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="its files are gone; jobs and ledger stay")
    files_until = models.DateField(
        null=True, blank=True, help_text="the owner was told that its files are deleted on that day"
    )
    files_left = models.JSONField(
        null=True, blank=True, editable=False, help_text="storage names of its files that a worker is to delete"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "projects"
        indexes = [
            models.Index(fields=["user", "-created_at"], name="projects_by_user"),
            models.Index(fields=["user"], name="projects_with_files_left", condition=Q(files_left__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)
