"""When the work of the night was last done: rows, which outlive whoever did it and the shared cache (ADR 26)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils import timezone


class Work(StrEnum):
    """What is due every night. A new one gets its row by a migration, so that its never being done is seen too."""

    BACKUP = "backup"
    BACKUP_PROVEN = "backup_proven"
    RECONCILE_DEEP = "reconcile_deep"
    PRUNE = "prune"
    RECONCILE_PAYMENTS = "reconcile_payments"
    WATCH_EVERYTHING = "watch_everything"


class NightsWork(models.Model):
    """`done_at` is when it last ended well, `failed_at` when it last did not. It is missed from `expected_since` on."""

    name = models.CharField(max_length=40, primary_key=True)
    expected_since = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nights_work"

    @property
    def is_missed_from(self) -> datetime:
        """The moment from which its age counts."""
        return self.done_at or self.expected_since

    @property
    def has_failed(self) -> bool:
        """Tell whether it failed since it was last done."""
        return self.failed_at is not None and (self.done_at is None or self.done_at < self.failed_at)

    def __str__(self) -> str:
        return self.name
