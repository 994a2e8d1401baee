"""Messages to the workers that say "look at row X". They carry no state: losing or repeating one changes nothing.

Rows that hints are about have a column `hinted_at`; by it the sweep sees which of them
nobody was told of lately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from canvascast.hint_queue import send, waiting

__all__ = ["QUICK", "Hints", "forgotten", "send", "waiting"]

QUICK = "quick"
"""The queue of all that is no film: mail, payments, webhooks, exports, voices."""

Row = TypeVar("Row", bound=models.Model)


def forgotten(due: QuerySet[Row], *, again_after: timedelta, most: int) -> list[Any]:  # Any: the model's key
    """Return the keys of the first rows of `due` that no hint was sent about lately; rows in others' hands are left.

    They stay locked until the caller's transaction ends, so that of two sweeps one sends.
    """
    stale = Q(hinted_at__isnull=True) | Q(hinted_at__lt=Now() - again_after)
    locked = due.filter(stale).select_for_update(skip_locked=True)
    return list(locked.values_list("pk", flat=True)[:most])


@dataclass(frozen=True)
class Hints:
    """Hints about the rows of one model, all in one queue: `task` is called with a row's key as text.

    The sweep sends none while `enough` wait in the queue.
    """

    model: type[models.Model]
    task: str
    queue: str
    enough: int = 16

    def send(self, keys: Sequence[UUID] | Sequence[str]) -> None:
        """Queue a look at each; inside a transaction it is queued with the commit."""
        for key in keys:
            send(self.task, str(key), queue=self.queue)
        self.model._base_manager.filter(pk__in=keys).update(hinted_at=Now())

    def send_forgotten(self, due: QuerySet[Any], *, again_after: timedelta) -> None:  # Any: rows of `model`
        """Queue a look at rows of `due`, in its order, whose hint was lost. Running it twice at once does no harm."""
        room = self.enough - waiting(self.queue)
        if room > 0:
            with transaction.atomic():
                self.send(forgotten(due, again_after=again_after, most=room))
