"""A queue that bears outages, and leaves what it cannot read to those who can."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from canvascast import patient_queue
from canvascast.patient_queue import PatientQueue

pytestmark = pytest.mark.django_db(transaction=True)


class Outdated:
    """Can be pickled; whoever unpickles it misses a module."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return importlib.import_module, ("apps.a_module_that_was_removed",)


@pytest.fixture
def queue(monkeypatch) -> PatientQueue:
    monkeypatch.setattr(patient_queue, "_PAUSE_SECONDS", 0)
    monkeypatch.setattr(patient_queue, "_LEFT_TO_OTHERS_SECONDS", 0)
    return get_broker("steps")


def message(payload: str) -> OrmQ:
    return OrmQ.objects.create(key="steps", payload=payload, lock=timezone.now())


def no_answer(*_: object) -> None:
    raise OperationalError("the server closed the connection")


def test_message_of_ours_is_returned(queue):
    sent = message(SignedPackage.dumps({"func": "f"}))

    assert queue.dequeue() == [(sent.pk, sent.payload)]


UNREADABLE = {
    "unsigned": "not signed",
    "forged": SignedPackage.dumps({"func": "f"}) + "x",
    "outdated": SignedPackage.dumps(Outdated()),
}


@pytest.mark.parametrize("payload", UNREADABLE.values(), ids=UNREADABLE)
def test_message_that_cannot_be_read_is_left_to_others_for_a_while(queue, payload):
    sent = message(payload)
    other = get_broker("steps")

    for _ in range(11):
        assert queue.dequeue() == []
    assert OrmQ.objects.filter(pk=sent.pk, lock__lte=timezone.now()).exists()
    assert other.dequeue() == []
    assert queue.dequeue() == []

    assert not OrmQ.objects.exists()


def test_cluster_writes_down_nothing_about_itself(queue, django_assert_num_queries):
    with django_assert_num_queries(0):
        queue.set_stat("a cluster", "its processes", 3)


def test_outage_is_borne_and_then_work_goes_on(queue):
    sent = message(SignedPackage.dumps({"func": "f"}))

    with connection.execute_wrapper(no_answer):
        assert queue.dequeue() is None
    [(taken, _)] = queue.dequeue()

    assert taken == sent.pk


def test_message_is_acknowledged_when_the_outage_is_over(queue, monkeypatch):
    sent = message(SignedPackage.dumps({"func": "f"}))
    outage = connection.execute_wrapper(no_answer)
    outage.__enter__()
    monkeypatch.setattr(patient_queue.time, "sleep", lambda _: outage.__exit__(None, None, None))

    queue.acknowledge(sent.pk)

    assert not OrmQ.objects.exists()
