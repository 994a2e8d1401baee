"""Hints about rows of `job_steps`, each in the queue that serves it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.functions import Now

from apps.pipeline.models import JobStep
from canvascast import hints

# A woken worker goes on claiming whatever is ready, so a few hints wake every worker there is.
_MOST_AT_ONCE = 16


def send_hints(row_ids: Iterable[int]) -> None:
    """Queue a hint for the first of these rows; inside a transaction it is sent with the commit."""
    for row in JobStep.objects.filter(pk__in=list(row_ids)[:_MOST_AT_ONCE]).only("pk", "queue").order_by("ordinal"):
        hints.send("apps.pipeline.tasks.run_step", row.pk, queue=row.queue)
        JobStep.objects.filter(pk=row.pk).update(hinted_at=Now())
