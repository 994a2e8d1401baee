"""The queue behind the hints, whichever broker has it: send, count, and tell whether anybody takes them.

With PostgreSQL as broker a hint is a row and commits with what it is about. Another broker is told after the commit:
what is lost then is sent again by the sweep. While it does not answer, hints are rows too (`patient_brokers.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.brokers import Broker, get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task

from canvascast.logs import get_logger
from canvascast.patient_queue import BrokerAway

log = get_logger("hints")

# A connection each, and no client of AWS may be shared between threads.
_local = threading.local()
# Asks for those who wait a moment and no longer.
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="broker")
_LOOK_SECONDS, _LONGEST_GAP_SECONDS = 2.0, 15.0


def send(task: str, key: int | str, *, queue: str) -> None:
    """Have a worker of `queue` call `task` with the key; inside a transaction the hint is sent with the commit."""
    if settings.HINTS_COMMIT_WITH_ROWS:
        async_task(task, key, q_options={"cluster": queue})
    else:
        transaction.on_commit(lambda: _post(task, key, queue), robust=True)


def waiting(queue: str) -> int:
    """Return how many hints no worker of `queue` has taken yet; of another broker's none while it is away."""
    found: int = OrmQ.objects.filter(key=queue, lock__lte=Now()).count()
    if not settings.HINTS_COMMIT_WITH_ROWS:
        with suppress(BrokerAway):
            found += _broker(queue).queue_size()
    return found


def counts_elsewhere(queues: Iterable[str], *, within_seconds: float) -> dict[str, int]:
    """Return how many hints another broker than PostgreSQL has, by queue.

    Raises BrokerAway when it does not tell all of them in that time.
    """
    asked = _asker.submit(lambda: {queue: _broker(queue).queue_size() for queue in queues})
    try:
        return asked.result(within_seconds)
    except TimeoutError as error:
        asked.cancel()
        raise BrokerAway("TimeoutError") from error


def forget_taken(queue: str) -> None:
    """Delete the hints that a killed cluster took and will never acknowledge; they carry no state.

    Redis has forgotten its own already, and SQS shows them again after half a day, when nothing is left to do.
    """
    OrmQ.objects.filter(key=queue, lock__gt=Now()).delete()


class Watch:
    """Tells whether hints lie untaken. Brokers other than PostgreSQL tell no ages: ask often, and about one queue."""

    def __init__(self) -> None:
        self._count = 0
        self._taken_at = self._looked_at = time.monotonic()

    def is_untaken(self, queue: str, *, for_seconds: float) -> bool:
        """Return whether a hint has waited that long, or in all that time no look found fewer than the one before."""
        if settings.HINTS_COMMIT_WITH_ROWS:
            long_ago = timezone.now() - timedelta(seconds=for_seconds)
            return bool(OrmQ.objects.filter(key=queue, lock__lt=long_ago).exists())
        now = time.monotonic()
        gap = now - self._looked_at
        if gap >= _LOOK_SECONDS:
            count = waiting(queue)
            # What happened while nobody looked is not known.
            if count == 0 or count < self._count or gap > _LONGEST_GAP_SECONDS:
                self._taken_at = now
            self._count, self._looked_at = count, now
        return now - self._taken_at > for_seconds


def _post(task: str, key: int | str, queue: str) -> None:
    try:
        async_task(task, key, q_options={"cluster": queue, "broker": _broker(queue)})
    except DatabaseTrouble as error:
        log.warning("hint_lost", queue=queue, error_type=type(error).__name__)


def _broker(queue: str) -> Broker:
    brokers: dict[str, Broker] = _local.__dict__.setdefault("brokers", {})
    if queue not in brokers:
        brokers[queue] = get_broker(queue)
    return brokers[queue]
