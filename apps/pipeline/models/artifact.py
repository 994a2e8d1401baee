from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.pipeline.models.ownership import OwnedQuerySet


class Artifact(models.Model):
    """A finished result under the hash of everything that went into it. Rows are added, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="artifacts")
    project = models.ForeignKey("pipeline.Project", on_delete=models.PROTECT, related_name="artifacts")
    key = models.CharField(max_length=64)
    content = models.CharField(max_length=64, help_text="hash of the payload")
    step = models.CharField(max_length=20)
    unit = models.CharField(max_length=60, blank=True)
    schema_version = models.PositiveSmallIntegerField()
    payload = models.JSONField(help_text="the contract as JSON; its blobs are files in storage")
    provider = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        db_table = "artifacts"
        constraints = [models.UniqueConstraint(name="artifacts_once_a_project", fields=["project", "key", "content"])]
        indexes = [models.Index(fields=["user", "key", "-created_at"], name="artifacts_by_key")]

    def __str__(self) -> str:
        return f"{self.step} {self.unit} {self.key[:8]}"
