from __future__ import annotations

from django.db import models


class WorkerBeat(models.Model):
    """A running worker service: `seen_at` is renewed every second by the database's clock."""

    name = models.CharField(max_length=160, primary_key=True)
    queue = models.CharField(max_length=20)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "worker_beats"

    def __str__(self) -> str:
        return f"{self.name} {self.queue}"
