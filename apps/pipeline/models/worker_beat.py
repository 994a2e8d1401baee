from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now

SILENT_AFTER = timedelta(seconds=10)
"""A worker service that did not show itself for so long is taken for dead."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""So long a service that ended without a word is still shown to operators."""


class WorkerBeatQuerySet(models.QuerySet["WorkerBeat"]):
    def alive(self, *, with_draining: bool, within: timedelta = SILENT_AFTER) -> Self:
        """Return the services that showed themselves lately, by the database's clock; those that drain if asked for."""
        seen = self.filter(seen_at__gt=Now() - within)
        return seen if with_draining else seen.filter(is_draining=False)


class WorkerBeat(models.Model):
    """A running worker service: `seen_at` is renewed every few seconds by the database's clock."""

    name = models.CharField(max_length=160, primary_key=True)
    queue = models.CharField(max_length=20)
    seen_at = models.DateTimeField()
    # Defaults of the database's own: workers of the version before write the three above.
    host = models.CharField(max_length=100, db_default="")
    processes = models.PositiveSmallIntegerField(db_default=0)
    started_at = models.DateTimeField(db_default=Now())
    is_draining = models.BooleanField(db_default=False)

    objects = WorkerBeatQuerySet.as_manager()

    class Meta:
        db_table = "worker_beats"
        verbose_name = "worker service"

    def __str__(self) -> str:
        return f"{self.name} {self.queue}"
