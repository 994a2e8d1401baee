"""Whoever changes a video locks its project, then its job, so that a user and a worker never wait for each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from random import Random
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.pipeline import engine, runner
from apps.pipeline.actions import NotPossible, cancel_video, delete_project, retry_video
from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import MoveRefused
from canvascast.operations.reconcile import reconcile
from tests.engine.conftest import start
from tests.engine.test_settlement import work_on
from tests.parallel import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def after_lock_of(table: str, act: Callable[[], object]) -> Iterator[None]:
    """Call `act` when this thread has locked a row of `table`."""

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if f'FROM "{table}"' in sql and sql.endswith("UPDATE"):
            act()
        return result

    with connection.execute_wrapper(watch):
        yield


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_video_is_deleted_while_its_worker_delivers_it(trivial, owner):
    job = start(owner, "one two")
    work_on(job, "script", "voice")
    claim = engine.claim(JobStep.objects.get(job=job, step="package").pk, worker="test/1")
    project_locked, job_locked, goes_on = Event(), Event(), Event()

    def delete() -> None:
        with after_lock_of("projects", lambda: (project_locked.set(), goes_on.wait(30))):
            delete_project(project=job.project, by=owner, at=timezone.now())
        connection.close()

    def deliver() -> None:
        with after_lock_of("jobs", job_locked.set):
            runner.execute(claim)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        deleting = pool.submit(delete)
        assert project_locked.wait(30)
        delivering = pool.submit(deliver)
        wait_until(lambda: job_locked.is_set() or somebody_waits())
        goes_on.set()
        deleting.result()
        delivering.result()

    job.refresh_from_db()
    assert job.state == "CANCELED"
    assert reconcile() == []


def a_crowd(owner: User, seed: int) -> list[Callable[[], object]]:
    """Everything that changes two videos, one about to be delivered and one in its parts, in an order of chance."""
    nearly, begun = start(owner, "one two"), start(owner, "three four five")
    work_on(nearly, "script", "voice")
    work_on(begun, "script")
    rows = [JobStep.objects.get(job=nearly, step="package"), *JobStep.objects.filter(job=begun).exclude(part="")]
    claims = [engine.claim(row.pk, worker=f"test/{number}") for number, row in enumerate(rows)]
    at = timezone.now()
    presses = [
        *(partial(runner.execute, claim) for claim in claims),
        *(partial(cancel_video, job_id=job.pk, by=owner, at=at) for job in (nearly, begun)),
        *(partial(delete_project, project=job.project, by=owner, at=at) for job in (nearly, nearly, begun)),
        lambda: retry_video(job=Job.objects.get(pk=nearly.pk), by=owner, at=at),
        lambda: start(owner, "one two"),
        partial(runner.fail_job, begun.pk, failed_step="VOICE_GEN", code="internal", sentence=""),
        partial(ledger.refund, user_id=owner.pk, credits=3, reason="", key="refund", at=at),
        partial(engine.release_service, "test"),
    ]
    Random(seed).shuffle(presses)
    return presses


def outcome_of(press: Callable[[], object]) -> str:
    try:
        press()
    except (NotPossible, MoveRefused) as refused:
        return type(refused).__name__
    return "done"


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 40))])
def test_everything_at_once_ends_and_the_books_agree(trivial, owner, seed):
    presses = a_crowd(owner, seed)

    at_once(lambda number: outcome_of(presses[number]), threads=len(presses))

    assert reconcile() == []
