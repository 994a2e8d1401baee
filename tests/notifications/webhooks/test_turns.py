"""Who calls, and when: one process at a time, all that is due, and whatever was lost is found again."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection, connections
from django_q.models import OrmQ

from apps.notifications.models import WebhookDelivery
from apps.notifications.webhooks import outbox, sending
from apps.notifications.webhooks.outbox import sweep
from apps.notifications.webhooks.sending import send
from tests.notifications.conftest import reachable
from tests.notifications.webhooks.conftest import fate, happen, listen, make_due
from tests.notifications.webhooks.receiver import program
from tests.parallel import at_once


def test_one_process_calls_and_goes_on_with_all_that_is_due(user, hook):
    listen(user, hook.url)
    deliveries = [happen(user) for _ in range(3)]
    with connections["default"].copy().cursor() as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [outbox.TURN])
        send(deliveries[0].pk)
        assert hook.calls == []
        elsewhere.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [outbox.TURN])

    send(deliveries[0].pk)

    assert [fate(delivery)[0] for delivery in deliveries] == ["DELIVERED"] * 3


@pytest.mark.django_db(transaction=True)
def test_round_that_lost_its_connection_ends_with_its_own_trouble_and_keeps_no_turn(user, hook, monkeypatch):
    def break_off(due: UUID) -> None:
        with suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        raise ConnectionError("the call broke off")

    listen(user, hook.url)
    delivery = happen(user)
    with monkeypatch.context() as patched:
        patched.setattr(sending, "_send_one", break_off)
        with pytest.raises(ConnectionError, match="the call broke off"):
            send(delivery.pk)

    send(delivery.pk)

    assert fate(delivery) == ("DELIVERED", "", 1, 204)


def test_address_that_fails_holds_up_no_other_in_the_same_round(user, hook):
    other = reachable("bob@example.com")
    with program() as broken:
        broken.answers(500)
        listen(user, broken.url)
        failing = [happen(user) for _ in range(3)]
        listen(other, hook.url)
        waiting = happen(other)

        send(failing[0].pk)

    assert len(broken.calls) == 1
    assert fate(waiting)[0] == "DELIVERED"


def test_round_ends_after_its_time(user, hook, monkeypatch):
    listen(user, hook.url)
    first, second = happen(user), happen(user)
    monkeypatch.setattr(sending, "ROUND_SECONDS", 0.0)

    send(first.pk)

    assert (fate(first)[0], fate(second)[0]) == ("DELIVERED", "QUEUED")


def test_sweep_queues_a_forgotten_delivery_once(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    OrmQ.objects.all().delete()
    WebhookDelivery.objects.update(hinted_at=None)

    sweep()
    sweep()

    assert [hint.task["args"] for hint in OrmQ.objects.all()] == [(str(delivery.pk),)]


def test_sweep_ends_a_delivery_that_kills_its_worker_every_time(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    for _ in range(outbox.MOST_TRIES):
        outbox.claim(delivery.pk)
        make_due(delivery)

    sweep()

    assert fate(delivery)[:3] == ("GIVEN_UP", "worker_lost", 10)


def test_worker_that_lost_its_lease_writes_nothing(user, hook):
    listen(user, hook.url)
    delivery = happen(user)
    stale = outbox.claim(delivery.pk)
    make_due(delivery)
    send(delivery.pk)

    with pytest.raises(outbox.LeaseLost):
        outbox.drop(stale, reason="late")

    assert fate(delivery) == ("DELIVERED", "", 2, 204)


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_at_once_call_once(user, hook):
    listen(user, hook.url)
    delivery = happen(user)

    at_once(lambda _: send(delivery.pk), threads=20)

    assert (len(hook.calls), fate(delivery)) == (1, ("DELIVERED", "", 1, 204))


def test_delivery_that_is_gone_calls_nobody_and_the_others_are_made(user, hook):
    listen(user, hook.url)
    other = happen(user)

    send(uuid4())

    assert [fate(other), len(hook.calls)] == [("DELIVERED", "", 1, 204), 1]
