"""A video ends well though its owner deletes the address that is to be told, and so does the deletion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.webhooks import endpoints, sending, wire
from apps.notifications.webhooks.outbox import claim
from apps.pipeline import engine, runner
from apps.pipeline.models import Job, JobStep
from tests.engine.conftest import start
from tests.engine.test_lock_order import somebody_waits, wait_until
from tests.engine.test_settlement import work_on

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def endpoint(trivial, owner) -> WebhookEndpoint:
    events = ["job.ready", "job.failed"]
    return endpoints.create_endpoint(
        user=owner, url="https://example.com/hook", events=events, at=timezone.now()
    ).endpoint


def ending_of(job: Job) -> Callable[[], None]:
    """Return the last of the job's work, claimed."""
    work_on(job, "script", "voice")
    claimed = engine.claim(JobStep.objects.get(job=job, step="package").pk, worker="test/1")
    return lambda: runner.execute(claimed)


@contextmanager
def held_after(statement: str, is_there: Event, goes_on: Event) -> Iterator[None]:
    """Hold this thread once it has run a statement that begins so, before its transaction ends."""

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith(statement):
            is_there.set()
            goes_on.wait(30)
        return result

    with connection.execute_wrapper(watch):
        yield


def meet(first: Callable[[], object], second: Callable[[], object], *, after: str) -> None:
    """Let the first hold after a statement of its own until the second has come as far as it can."""
    is_there, goes_on = Event(), Event()

    def hold() -> None:
        with held_after(after, is_there, goes_on):
            first()
        connection.close()

    def pass_by() -> None:
        second()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        assert is_there.wait(30)
        passing = pool.submit(pass_by)
        try:
            wait_until(lambda: passing.done() or somebody_waits())
        finally:
            goes_on.set()
        holding.result()
        passing.result()


def assert_ended_well(job: Job) -> None:
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("READY", "")
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()


def deletion_of(endpoint: WebhookEndpoint, owner: User) -> Callable[[], None]:
    return lambda: endpoints.delete_endpoint(user=owner, endpoint_id=endpoint.pk)


def test_address_is_deleted_while_a_finished_video_tells_it(owner, endpoint):
    job = start(owner, "one two")
    end = ending_of(job)

    meet(end, deletion_of(endpoint, owner), after='INSERT INTO "webhook_deliveries"')

    assert_ended_well(job)


TABLES = ["webhook_deliveries", pytest.param("webhook_endpoints", marks=pytest.mark.slow)]


@pytest.mark.parametrize("table", TABLES)
def test_video_ends_while_its_address_is_deleted(owner, endpoint, table):
    job = start(owner, "one two")
    end = ending_of(job)

    meet(deletion_of(endpoint, owner), end, after=f'DELETE FROM "{table}"')

    assert_ended_well(job)


@pytest.mark.slow  # the same with all of them at once
@pytest.mark.parametrize("table", TABLES)
def test_video_ends_while_all_addresses_of_its_owner_are_deleted(owner, endpoint, table):
    job = start(owner, "one two")
    end = ending_of(job)

    meet(lambda: endpoints.delete_endpoints(user=owner), end, after=f'DELETE FROM "{table}"')

    assert_ended_well(job)


@pytest.mark.slow  # the order of the locks, once more
@pytest.mark.parametrize("deletes_first", [True, False])
def test_address_is_deleted_while_it_takes_nothing(owner, endpoint, monkeypatch, deletes_first):
    def take_nothing(*_: object, **__: object) -> None:
        raise wire.NotTaken("refused", status=500, milliseconds=1)

    monkeypatch.setattr(wire, "post", take_nothing)
    ending_of(start(owner, "one two"))()
    (delivery,) = WebhookDelivery.objects.all()
    taken = claim(delivery.pk)
    tell, delete = (lambda: told.append(send_claimed(taken))), deletion_of(endpoint, owner)
    told: list[bool | None] = []

    if deletes_first:
        meet(delete, tell, after='DELETE FROM "webhook_deliveries"')
    else:
        meet(tell, delete, after='UPDATE "webhook_deliveries"')

    assert told == [None if deletes_first else False]
    assert not WebhookEndpoint.objects.exists()


def send_claimed(taken: object) -> bool | None:
    """Return what came of it, None where the delivery was taken away meanwhile."""
    try:
        return sending._send_claimed(taken)
    except sending.LeaseLost:
        return None
