from __future__ import annotations

from django.db import models
from django.db.models import Q


class TurnClock(models.Model):
    """The one row that `turns` reads and moves; without it the clock shows the first turn."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    turn = models.FloatField()

    class Meta:
        db_table = "turn_clock"
        constraints = [models.CheckConstraint(name="turn_clock_is_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.turn:g}"
