from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class WorkerBeat(models.Model):
    """A running worker service: `seen_at` is renewed every second by the database's clock."""

    name = models.CharField(max_length=160, primary_key=True)
    queue = models.CharField(max_length=20)
    seen_at = models.DateTimeField()
    # Defaults of the database's own: workers of the version before write the three above.
    host = models.CharField(max_length=100, db_default="")
    processes = models.PositiveSmallIntegerField(db_default=0)
    started_at = models.DateTimeField(db_default=Now())
    is_draining = models.BooleanField(db_default=False)

    class Meta:
        db_table = "worker_beats"
        verbose_name = "worker service"

    def __str__(self) -> str:
        return f"{self.name} {self.queue}"
