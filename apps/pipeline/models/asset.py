from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class Asset(models.Model):
    """A file of a finished video that the user can download."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey("pipeline.Job", on_delete=models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=20)
    filename = models.CharField(max_length=120)
    storage_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "assets"
        constraints = [models.UniqueConstraint(name="assets_once", fields=["job", "filename"])]

    def __str__(self) -> str:
        return self.filename
