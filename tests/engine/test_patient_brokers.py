"""Redis and SQS that go away and come back: nobody dies of it, and PostgreSQL carries the hints meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from canvascast import hint_queue
from canvascast.patient_brokers import PatientRedis, PatientSqs
from canvascast.patient_queue import BrokerAway
from tests import brokers

pytestmark = pytest.mark.django_db(transaction=True)

PAYLOAD = SignedPackage.dumps({"func": "f"})


@pytest.fixture
def port(settings, monkeypatch: pytest.MonkeyPatch) -> int:
    """A port on which a broker may be started; nothing listens there yet."""
    found = brokers.free_port()
    settings.HINTS_COMMIT_WITH_ROWS = False
    monkeypatch.setattr(hint_queue, "_local", threading.local())
    monkeypatch.setattr(Conf, "POLL", 0)
    monkeypatch.setattr(Conf, "RETRY", 43_200)
    monkeypatch.setattr(Conf, "BROKER_CLASS", "canvascast.patient_brokers.PatientRedis")
    monkeypatch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{found}/0?socket_timeout=5&socket_connect_timeout=2")
    monkeypatch.setattr(Conf, "SQS", {"aws_region": "eu-central-1", "receive_message_wait_time_seconds": 1})
    for name, value in brokers.environment("sqs", found).items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def redis(port: int, tmp_path: Path) -> Iterator[PatientRedis]:
    try:
        with brokers.started("redis", port, tmp_path):
            yield PatientRedis("steps")
    except brokers.NotInstalled as reason:
        pytest.skip(str(reason))


def look_again() -> None:
    """Let the pause after an outage be over."""
    caches["process"].clear()


KINDS = [PatientRedis, pytest.param(PatientSqs, marks=pytest.mark.slow)]  # boto3 takes a second to be ready


@pytest.mark.parametrize("kind", KINDS)
def test_hint_goes_by_postgresql_while_the_broker_is_away(kind, port: int):
    broker = kind("steps")

    broker.enqueue(PAYLOAD)
    [(taken, payload)] = broker.dequeue()
    broker.acknowledge(taken)

    assert payload == PAYLOAD
    assert not OrmQ.objects.exists()
    assert broker.dequeue() is None


@pytest.mark.parametrize("kind", KINDS)
def test_cluster_may_start_while_the_broker_is_away(kind, port: int):
    assert kind("steps").ping() is True


@pytest.mark.slow  # a server in Python
def test_sqs_is_used_again_once_it_is_back_with_nothing_in_it(port: int, tmp_path: Path):
    broker = PatientSqs("steps")
    with brokers.started("sqs", port, tmp_path):
        broker.enqueue(PAYLOAD)
        assert broker.queue_size() == 1
    look_again()
    assert broker.dequeue() is None
    look_again()
    with brokers.started("sqs", port, tmp_path):
        broker.dequeue()
        look_again()
        broker.enqueue(PAYLOAD)
        [(receipt, payload)] = broker.dequeue()
        broker.acknowledge(receipt)

    assert isinstance(receipt, str)
    assert payload == PAYLOAD


def test_redis_is_used_again_once_it_is_back(port: int, tmp_path: Path):
    broker = PatientRedis("steps")
    broker.enqueue(PAYLOAD)
    look_again()
    try:
        with brokers.started("redis", port, tmp_path):
            broker.enqueue(PAYLOAD)

            assert hint_queue.waiting("steps") == 2
            [(left_behind, _)] = broker.dequeue()
            broker.acknowledge(left_behind)
            assert [identity for identity, _ in broker.dequeue()] == [None]
            assert hint_queue.waiting("steps") == 0
    except brokers.NotInstalled as reason:
        pytest.skip(str(reason))


def test_broker_that_was_away_is_left_alone_for_a_while(redis):
    caches["process"].set("broker_away", "ConnectionError", 60)

    redis.enqueue(PAYLOAD)

    assert OrmQ.objects.get().payload == PAYLOAD
    with pytest.raises(BrokerAway, match="ConnectionError"):
        redis.queue_size()


def test_sender_asks_a_broker_that_stays_away_less_and_less(port: int):
    broker, cache = PatientRedis("steps"), caches["process"]
    pauses = []
    for _ in range(6):
        broker.enqueue(PAYLOAD)
        pauses.append(round(cache._expire_info[cache.make_key("broker_away")] - time.time()))
        cache.delete("broker_away")

    assert pauses == [5, 10, 20, 40, 60, 60]


def test_taker_asks_a_broker_that_stays_away_as_often_as_before(port: int):
    broker, cache = PatientRedis("steps"), caches["process"]
    pauses = []
    for _ in range(3):
        broker.dequeue()
        pauses.append(round(cache._expire_info[cache.make_key("broker_away")] - time.time()))
        cache.delete("broker_away")

    assert pauses == [5, 5, 5]


def test_hint_of_another_process_that_could_not_reach_the_broker_is_found(redis):
    OrmQ.objects.create(key="steps", payload=PAYLOAD, lock=timezone.now())

    [(taken, _)] = redis.dequeue()

    assert taken == OrmQ.objects.get().pk


@pytest.mark.parametrize("payload", ["not signed", PAYLOAD + "x"], ids=["not signed", "signed for another"])
def test_message_that_cannot_be_read_ends_nobody(redis, payload):
    redis.enqueue(payload)

    assert redis.dequeue() == []
    assert redis.queue_size() == 0
