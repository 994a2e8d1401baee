"""Redis and SQS as brokers for which an outage is no reason to die: PostgreSQL carries the hints meanwhile.

django-q2's own pusher ends at any trouble with its broker, and takes the cluster and all its work in hand with it; its
sentinel does not even start then. Here who sends a hint that the broker does not take leaves it in PostgreSQL, and each
cluster looks there too: now and then, and all the time while the broker is away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.cache import caches
from django_q.brokers import Broker
from django_q.brokers.aws_sqs import QUEUE_DOES_NOT_EXIST, Sqs
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from redis import Redis as Client
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError
from redis.retry import Retry

from canvascast.logs import get_logger
from canvascast.patient_queue import BrokerAway, PatientQueue, unreadable_because

log = get_logger("queue")

Message = tuple[Any, str]  # Any: a row's number, a receipt of SQS, or None: Redis knows nothing of what was taken
T = TypeVar("T")

_TROUBLE = (RedisError, BotoCoreError, ClientError, OSError)
_AWAY, _FAILURES = "broker_away", "broker_failures"
# For so long a process that found the broker away asks it nothing, whoever wants to: a page waits once. Doubled each
# time for those who send, whose work would wait; those who take what is sent have to notice soon that it is back.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 5.0, 60.0
_FAILURES_KEPT_SECONDS = 600
# What another process could not send lies in PostgreSQL though the broker answers here.
_LOOK_ASIDE_SECONDS = 2.0


class _Patient(Broker):  # type: ignore[misc]  # django-q2 has no types
    """What both brokers do alike. `queue_size` raises BrokerAway; nothing else ever raises because of an outage."""

    def __init__(self, list_key: str | None = None) -> None:
        self._queue_name = list_key or Conf.CLUSTER_NAME
        self._next_look = 0.0
        super().__init__(list_key=self._queue_name)

    def enqueue(self, task: str) -> Any:  # Any: as the broker has it
        """Send a message; by PostgreSQL where the broker does not take it."""
        try:
            return self._asked(super().enqueue, task)
        except BrokerAway:
            return self._aside.enqueue(task)

    def dequeue(self) -> list[Message] | None:
        """Return the next message that can be read, the broker's or PostgreSQL's, if there is one."""
        if found := self._look_aside():
            return found
        try:
            messages = self._asked(super().dequeue, most=_PAUSE_SECONDS)
        except BrokerAway:
            self._next_look = 0.0
            return None
        return [message for message in messages or () if self._is_readable(message)]

    def queue_size(self) -> int:
        return int(self._asked(super().queue_size))

    def acknowledge(self, task_id: int | str | None) -> None:
        """Delete a message that was worked on. One that SQS keeps because it was away is shown again in half a day."""
        if isinstance(task_id, int):
            self._aside.acknowledge(task_id)
        elif task_id is not None:
            with suppress(BrokerAway):
                self._asked(super().acknowledge, task_id)

    def fail(self, task_id: int | str | None) -> None:
        self.acknowledge(task_id)

    def ping(self) -> bool:
        """Let a cluster start, wherever the broker is."""
        return True

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Keep no record of the cluster's processes: `worker_beats` says who lives."""

    @cached_property
    def _aside(self) -> PatientQueue:
        return PatientQueue(list_key=self._queue_name)

    def _look_aside(self) -> list[Message] | None:
        if time.monotonic() < self._next_look:
            return None
        found = self._aside.dequeue()
        if not found:
            self._next_look = time.monotonic() + _LOOK_ASIDE_SECONDS
        return found

    def _asked(self, ask: Callable[..., T], *arguments: object, most: float = _LONGEST_PAUSE_SECONDS) -> T:
        if trouble := caches["process"].get(_AWAY):
            raise BrokerAway(trouble)
        try:
            answer = ask(*arguments)
        except _TROUBLE as error:
            trouble = type(error).__name__
            log.warning("broker_unavailable", queue=self._queue_name, error_type=trouble)
            _pause(trouble, most)
            self._let_go()
            raise BrokerAway(trouble) from error
        caches["process"].delete(_FAILURES)
        return answer

    def _let_go(self) -> None:
        """Begin anew with the next question."""

    def _is_readable(self, message: Message) -> bool:
        """Tell whether it can be read here; the sweep sends another where nobody could."""
        task_id, payload = message
        if error := unreadable_because(payload):
            log.warning("message_unreadable", queue=self._queue_name, error_type=type(error).__name__)
            self.acknowledge(task_id)
        return error is None


def _pause(trouble: str, most: float) -> None:
    """Leave the broker alone for a while, twice as long after each failure in a row, `most` seconds at most."""
    failures = caches["process"].get(_FAILURES, 0)
    caches["process"].set(_AWAY, trouble, min(_PAUSE_SECONDS * 2**failures, most))
    caches["process"].set(_FAILURES, failures + 1, _FAILURES_KEPT_SECONDS)


class PatientRedis(_Patient, Redis):  # type: ignore[misc]  # as above
    """The queue of one cluster in Redis."""

    @staticmethod
    def get_connection(list_key: str | None = None) -> Client:
        # Once more at once: a Redis that was started again has closed the connections that are kept.
        return Client.from_url(Conf.REDIS, retry=Retry(NoBackoff(), 1, (NotConnected,)))


class PatientSqs(_Patient, Sqs):  # type: ignore[misc]  # as above
    """The queue of one cluster at SQS, looked up when it is needed."""

    _found: Any = None  # Any: a resource that boto3 makes up

    def get_queue(self) -> None:
        """Ask nothing yet: this is called while a cluster starts."""

    @property
    def queue(self) -> Any:  # Any: as above
        if self._found is None:
            self._found = self._find_queue()
        return self._found

    @queue.setter
    def queue(self, found: Any) -> None:  # Any: as above
        self._found = found

    def queue_size(self) -> int:
        return int(self._asked(self._count))

    def delete(self, task_id: str) -> None:
        self.queue.meta.client.delete_message(QueueUrl=self.queue.url, ReceiptHandle=task_id)

    def _count(self) -> int:
        # What the queue says of itself is otherwise that of the first look.
        self.queue.load()
        return int(self.queue.attributes["ApproximateNumberOfMessages"])

    def _let_go(self) -> None:
        self.queue = None

    def _find_queue(self) -> Any:  # Any: as above
        connect, answer = settings.BROKER_CONNECT_SECONDS, settings.BROKER_ANSWER_SECONDS
        bounds = Config(connect_timeout=connect, read_timeout=answer, retries={"total_max_attempts": 1})
        sqs = self.connection.resource("sqs", config=bounds)
        try:
            return sqs.get_queue_by_name(QueueName=self.list_key)
        except ClientError as error:
            if error.response["Error"]["Code"] != QUEUE_DOES_NOT_EXIST:
                raise
        return sqs.create_queue(QueueName=self.list_key)
