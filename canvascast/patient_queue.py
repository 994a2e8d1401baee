"""django-q2's queue in PostgreSQL, for which an outage or a message that it cannot read is no reason to die.

Its own pusher waits ten seconds after any trouble with the database and then ends, and the cluster with it. A message
signed with another key it deletes, though another service, started with that key, could read it.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection
from django.db.models import QuerySet
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from canvascast.logs import get_logger

log = get_logger("queue")

Message = tuple[int, str]

_PAUSE_SECONDS = 0.5
_LEFT_TO_OTHERS_SECONDS = 0.25
# By then every service has had its turn, and the sweep has sent another.
_MOST_LOOKS = 12
_MOST_REMEMBERED = 10_000
_MOST_TRIES_TO_ACKNOWLEDGE = 20


class BrokerAway(Exception):
    """Another broker did not answer, or did not lately; the message is the kind of trouble."""


def unreadable_because(payload: str) -> Exception | None:
    """Return what keeps this process from reading a message; None when nothing does."""
    try:
        SignedPackage.loads(payload)
    except Exception as error:  # noqa: BLE001 - unpickling what another version wrote may raise anything
        return error
    return None


class PatientQueue(ORM):  # type: ignore[misc]  # django-q2 has no types
    """The queue of one cluster, by its name in `list_key`."""

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key=list_key)
        # How often this process could not read a message.
        self._looks: Counter[int] = Counter()

    @staticmethod
    def get_connection(list_key: str | None = None) -> QuerySet[OrmQ]:
        """Return the rows of all queues; asks nothing yet, so that a queue can be made while the database is away."""
        if not connection.in_atomic_block:
            close_old_connections()
        rows: QuerySet[OrmQ] = OrmQ.objects.all()
        return rows

    def dequeue(self) -> list[Message] | None:
        """Return the next message that can be read, if there is one."""
        try:
            return [message for message in super().dequeue() or () if self._is_readable(message)]
        except DatabaseTrouble as error:
            self._bear(error)
            return None

    def acknowledge(self, task_id: int) -> None:
        """Delete a message that was worked on; where that cannot be done now, wait for better times for a while."""
        for _ in range(_MOST_TRIES_TO_ACKNOWLEDGE):
            try:
                self.delete(task_id)
                return
            except DatabaseTrouble as error:
                self._bear(error)

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Keep no record of the cluster's processes: `worker_beats` says who lives.

        It was written twice a second, by a process that never lets go of a connection that an outage has closed.
        """

    def _is_readable(self, message: Message) -> bool:
        task_id, payload = message
        if error := unreadable_because(payload):
            self._leave_to_others(task_id, error)
        return error is None

    def _leave_to_others(self, task_id: int, error: Exception) -> None:
        if len(self._looks) > _MOST_REMEMBERED:
            self._looks.clear()
        self._looks[task_id] += 1
        if self._looks[task_id] < _MOST_LOOKS:
            until = timezone.now() + timedelta(seconds=_LEFT_TO_OTHERS_SECONDS)
            OrmQ.objects.filter(pk=task_id).update(lock=until)
            return
        log.warning("message_unreadable", queue=self.list_key, error_type=type(error).__name__)
        del self._looks[task_id]
        self.delete(task_id)

    def _bear(self, error: DatabaseTrouble) -> None:
        log.warning("database_unavailable", queue=self.list_key, error_type=type(error).__name__)
        connection.close()
        time.sleep(_PAUSE_SECONDS)
