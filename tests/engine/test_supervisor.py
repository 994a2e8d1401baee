"""A cluster that picks up no hints is told apart from one that is busy, new, or has nothing to do."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from apps.pipeline import engine
from apps.pipeline.models import JobStep, StepAttempt
from apps.pipeline.supervisor import StopRequest, Supervisor
from tests.engine.conftest import start

pytestmark = pytest.mark.django_db

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def supervisor(trivial) -> Supervisor:
    """One that started its cluster long ago and has two workers."""
    supervisor = Supervisor("steps", processes=2, stop=StopRequest())
    supervisor.cluster.started_at = time.monotonic() - 3600
    return supervisor


@pytest.fixture
def row(trivial, owner) -> JobStep:
    """A row that was queued a minute ago and whose hint still waits."""
    job = start(owner, "one two")
    OrmQ.objects.all().delete()
    hint(waiting=A_MINUTE)
    return JobStep.objects.get(job=job, step="script")


def hint(*, waiting: timedelta, queue: str = "steps") -> None:
    OrmQ.objects.create(key=queue, payload="", lock=timezone.now() - waiting)


def hold(row: JobStep, *, worker: str) -> engine.Claim:
    """Let `worker` have worked on the row for a minute."""
    claim = engine.claim(row.pk, worker=worker)
    StepAttempt.objects.filter(job_step=row).update(started_at=timezone.now() - A_MINUTE)
    return claim


def test_old_hint_before_idle_workers_is_a_hang(supervisor, row):
    assert supervisor._is_hanging()


def test_old_hint_before_a_cluster_that_just_started_is_no_hang(supervisor, row):
    supervisor.cluster.started_at = float("inf")

    assert not supervisor._is_hanging()


@pytest.mark.parametrize(("waiting", "queue"), [(timedelta(0), "steps"), (-A_MINUTE, "steps"), (A_MINUTE, "quick")])
def test_hint_that_is_new_or_taken_or_of_another_queue_is_no_hang(supervisor, row, waiting, queue):
    OrmQ.objects.all().delete()
    hint(waiting=waiting, queue=queue)

    assert not supervisor._is_hanging()


def test_long_work_in_every_worker_is_no_hang(supervisor, row):
    supervisor.cluster.processes = 1
    hold(row, worker=f"{supervisor.name}/17")

    assert not supervisor._is_hanging()


@pytest.mark.parametrize("end", ["canceled", "failed"])
def test_process_that_is_still_in_work_whose_row_has_ended_is_no_free_one(supervisor, row, end):
    supervisor.cluster.processes = 1
    claim = hold(row, worker=f"{supervisor.name}/17")
    if end == "canceled":
        engine.cancel_unfinished(row.job_id, at=timezone.now())
    else:
        JobStep.objects.filter(pk=row.pk).update(state="FAILED", lease_until=None)

    assert not supervisor._is_hanging()
    engine.close_attempt(claim, outcome="STOPPED", cpu_seconds=0.0)
    StepAttempt.objects.update(finished_at=timezone.now() - A_MINUTE / 2)
    assert supervisor._is_hanging()


def test_attempts_of_an_earlier_cluster_hide_no_hang(supervisor, row):
    supervisor.cluster.processes = 1
    supervisor.cluster.started_at = time.monotonic() - 45
    hold(row, worker=f"{supervisor.name}/17")

    assert supervisor._is_hanging()


def test_long_work_in_one_of_two_workers_does_not_hide_a_hang(supervisor, row):
    hold(row, worker=f"{supervisor.name}/17")

    assert supervisor._is_hanging()


def test_long_work_of_another_service_does_not_hide_a_hang(supervisor, row):
    supervisor.cluster.processes = 1
    hold(row, worker="elsewhere:1:steps/17")

    assert supervisor._is_hanging()


def test_work_that_was_just_begun_shows_that_hints_are_picked_up(supervisor, row):
    engine.claim(row.pk, worker=f"{supervisor.name}/17")

    assert not supervisor._is_hanging()


def test_work_that_has_just_ended_shows_that_hints_are_picked_up(supervisor, row):
    claim = hold(row, worker=f"{supervisor.name}/17")
    engine.close_attempt(claim, outcome="RETRIED", cpu_seconds=0.0)
    engine.postpone(claim, wait=timedelta(), counts=True, error_code="busy")

    assert not supervisor._is_hanging()


@pytest.mark.parametrize(("minutes", "hangs"), [(10, False), (20, True)])
def test_queue_without_steps_may_work_long_without_a_sign(supervisor, minutes, hangs):
    supervisor.queue = "quick"
    hint(waiting=timedelta(minutes=minutes), queue="quick")

    assert supervisor._is_hanging() is hangs


@pytest.mark.parametrize(("minutes", "hangs"), [(14, False), (16, True)])
def test_long_work_that_shows_that_it_goes_on_is_no_hang(supervisor, minutes, hangs):
    supervisor.queue = "quick"
    hint(waiting=timedelta(minutes=20), queue="quick")
    shown_at = time.time() - 60 * minutes
    os.utime(supervisor.cluster.signs.file, (shown_at, shown_at))

    assert supervisor._is_hanging() is hangs


def test_cluster_that_never_starts_is_tried_for_ever(supervisor, monkeypatch):
    supervisor._failed_starts = 5000
    monkeypatch.setattr("apps.pipeline.supervisor._LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor.cluster, "start", lambda: None)

    supervisor._restart("the cluster did not start")

    assert supervisor._failed_starts == 5001
