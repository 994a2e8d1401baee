"""What was lost is found again: rows whose hint vanished, whose worker died, or whose worker dies every time."""

from __future__ import annotations

import socket
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.billing import actions as billing
from apps.notifications import actions as notifications
from apps.notifications.webhooks import outbox as webhooks
from apps.pipeline import failures, queues, voice_claims
from apps.pipeline.catalogue import published_name
from apps.pipeline.hints import send_hints
from apps.pipeline.models import FORGOTTEN_AFTER, Job, JobStep, WorkerBeat
from apps.pipeline.providers.errors import Transient
from apps.pipeline.runner import fail_job
from apps.pipeline.states import MoveRefused, StepState
from canvascast import hints
from canvascast.logs import get_logger

log = get_logger("sweep")

# More hints than this are never waiting in a queue because of the sweep.
_ENOUGH_HINTS = 16
_HINT_AGAIN_SECONDS = 5.0
_LATE_WORD = timedelta(seconds=5)
"""After an outage longer than its lease a worker still writes down what it has: it is not lost before that."""


def sweep(queue: str) -> None:
    """Do one round for `queue`; the worker supervisor calls it every second. Running it twice at once does no harm."""
    if queue == queues.STEPS:
        _bring_home()
    _fail_exhausted_rows(queue)
    _hint_forgotten_rows(queue)
    if queue == hints.QUICK:
        notifications.sweep()
        webhooks.sweep()
        billing.sweep()
        voice_claims.sweep()


def beat(worker: str, queue: str, *, processes: int = 0, is_draining: bool = False) -> None:
    """Show that this worker service lives, by the database's clock; one that drains takes no more work."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO worker_beats (name, queue, host, processes, is_draining, seen_at) "
            "VALUES (%s, %s, %s, %s, %s, clock_timestamp()) "
            "ON CONFLICT (name) DO UPDATE SET seen_at = clock_timestamp(), is_draining = EXCLUDED.is_draining",
            [worker, queue, socket.gethostname()[:100], processes, is_draining],
        )


def forget_old_beats() -> None:
    """Take those off the list that ended without a word."""
    WorkerBeat.objects.filter(seen_at__lt=Now() - FORGOTTEN_AFTER).delete()


def forget_beat(worker: str) -> None:
    """Take a stopped worker off the list."""
    WorkerBeat.objects.filter(name=worker).delete()


def _bring_home() -> None:
    """Take over rows whose queue nobody serves any more: a vendor's key was taken away, `render` is joined again.

    A queue that these settings do not have and another machine's worker serves is left to it: settings change on one
    machine after the other.
    """
    alive = WorkerBeat.objects.alive(with_draining=False).values_list("queue", flat=True)
    # A row that still waits for others gets its queue when it is opened.
    opened = JobStep.objects.filter(state__in=[StepState.QUEUED, StepState.RUNNING])
    waiting = opened.exclude(queue__in={*settings.QUEUES, *alive})
    waiting.exclude(state=StepState.RUNNING, lease_until__gt=Now()).update(queue=queues.STEPS, hinted_at=None)


def _ready_rows(queue: str) -> Q:
    due = Q(state=StepState.QUEUED, due_at__lte=Now())
    silent = Q(state=StepState.RUNNING, lease_until__lt=Now())
    return Q(queue=queue, attempt__lt=F("max_attempts")) & (due | silent)


def _hint_forgotten_rows(queue: str) -> None:
    room = _ENOUGH_HINTS - hints.waiting(queue)
    if room > 0:
        rows = JobStep.objects.filter(_ready_rows(queue)).order_by("turn", "created_at", "ordinal")
        with transaction.atomic():
            send_hints(hints.forgotten(rows, again_after=_hint_again_after(), most=room))


def _hint_again_after() -> timedelta:
    """A row whose hint was lost goes on as soon as one whose worker was: within the lease and a round of the sweep."""
    return timedelta(seconds=min(_HINT_AGAIN_SECONDS, settings.LEASE_SECONDS / 2))


def _fail_exhausted_rows(queue: str) -> None:
    is_over = Q(state=StepState.RUNNING, lease_until__lt=Now() - _LATE_WORD) | Q(state=StepState.QUEUED)
    exhausted = JobStep.objects.filter(is_over, queue=queue, attempt__gte=F("max_attempts"))
    for row in exhausted.only("job_id", "step", "part").order_by("created_at")[:20]:
        with suppress(MoveRefused), transaction.atomic():
            Job.objects.select_for_update().get(pk=row.job_id)
            # Judged again under the lock: its worker may have finished the row meanwhile.
            if not exhausted.filter(pk=row.pk).exists():
                continue
            # No worker can say so any more, and the page marks the scene by its row.
            exhausted.filter(pk=row.pk).update(
                state=StepState.FAILED, lease_until=None, error_code="worker_lost", finished_at=timezone.now()
            )
            log.error(
                "worker_lost", traceId=str(row.job_id), step=row.step, exc_info=Transient("worker_lost", row.step)
            )
            failed_step = published_name(row.step)
            sentence = failures.message(failed_step=failed_step, part=row.part, code="worker_lost")
            fail_job(row.job_id, failed_step=failed_step, code="worker_lost", sentence=sentence)
