"""Claim, lease and fence on real rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.pipeline import engine
from apps.pipeline.models import Job, JobStep, StepAttempt
from apps.pipeline.states import JobState, MoveRefused, StepState, move
from tests.engine.conftest import start

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(trivial, owner) -> JobStep:
    job = start(owner, "one two")
    return JobStep.objects.get(job=job, step="script")


def expire_lease(row: JobStep) -> None:
    JobStep.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(minutes=1))


def test_ready_row_is_claimed_once(row):
    first = engine.claim(row.pk, worker="a")
    second = engine.claim(row.pk, worker="b")

    assert first is not None
    assert (first.fence, first.attempt) == (1, 1)
    assert second is None


def test_silent_worker_loses_its_row_and_cannot_write(row):
    first = engine.claim(row.pk, worker="a")
    expire_lease(row)
    second = engine.claim(row.pk, worker="b")

    assert (second.fence, second.attempt) == (2, 2)
    with pytest.raises(engine.LeaseLost):
        engine.renew(first)
    with pytest.raises(engine.LeaseLost):
        engine.fail(first, error_code="late", at=timezone.now())
    engine.renew(second)
    assert list(StepAttempt.objects.order_by("fence").values_list("fence", "outcome")) == [(1, "LOST"), (2, "")]


def test_beat_without_news_writes_once_a_quarter_of_the_lease_is_gone(row, settings):
    settings.LEASE_SECONDS = 40
    claim = engine.claim(row.pk, worker="a")

    assert [engine.renew(claim, tells=False) for _ in range(3)] == [False] * 3
    assert engine.renew(claim, progress=0.5, message="Half way")
    JobStep.objects.filter(pk=row.pk).update(lease_until=timezone.now() + timedelta(seconds=29))
    assert engine.renew(claim, progress=0.25, message="Half way", tells=False)

    row.refresh_from_db()
    assert row.lease_until > timezone.now() + timedelta(seconds=39)
    assert (row.progress, row.message) == (0.5, "Half way")


def test_beat_without_news_notices_that_the_row_is_somebody_else_s(row):
    claim = engine.claim(row.pk, worker="a")
    engine.cancel_unfinished(row.job_id, at=timezone.now())

    with pytest.raises(engine.LeaseLost):
        engine.renew(claim, tells=False)


def test_row_is_due_by_the_clock_of_the_database(row, owner, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=5))
    job = start(owner, "from a machine whose clock is ahead")

    assert engine.claim(JobStep.objects.get(job=job, step="script").pk, worker="a") is not None


def test_row_that_is_not_due_is_left_alone(row):
    claim = engine.claim(row.pk, worker="a")
    engine.postpone(claim, wait=timedelta(hours=1), counts=True, error_code="busy")

    assert engine.claim_next("steps", worker="a") is None


def test_moment_named_by_the_vendor_costs_no_attempt(row):
    claim = engine.claim(row.pk, worker="a")

    engine.postpone(claim, wait=timedelta(), counts=False, error_code="rate_limited")

    row.refresh_from_db()
    assert (row.attempt, row.state) == (0, StepState.QUEUED)


def test_stored_unit_starts_the_count_anew(row):
    engine.claim(row.pk, worker="a")
    expire_lease(row)
    claim = engine.claim(row.pk, worker="a")

    engine.note_stored_unit(claim)

    row.refresh_from_db()
    assert row.attempt == 0


def test_row_is_started_three_times_at_most(row):
    for _ in range(3):
        assert engine.claim(row.pk, worker="a") is not None
        expire_lease(row)

    assert engine.claim(row.pk, worker="a") is None


def test_stopped_service_gives_back_its_rows_without_counting_the_start(row):
    claim = engine.claim(row.pk, worker="service/7")

    assert engine.release_service("service") == 1

    row.refresh_from_db()
    assert (row.state, row.attempt, row.lease_until) == (StepState.QUEUED, 0, None)
    assert StepAttempt.objects.get().outcome == "RELEASED"
    with pytest.raises(engine.LeaseLost):
        engine.renew(claim)


def test_start_of_a_process_that_died_by_itself_counts_and_its_row_is_free_at_once(row):
    engine.claim(row.pk, worker="service/7")

    assert engine.release_service("service", culprits=["service/7"]) == 0

    again = engine.claim(row.pk, worker="service/8")
    assert again.attempt == 2


def test_start_that_counts_is_not_given_back_by_the_next_death_beside_it(row):
    engine.claim(row.pk, worker="service/7")
    engine.release_service("service", culprits=["service/7"])

    assert engine.release_service("service", culprits=["service/8"]) == 0

    row.refresh_from_db()
    assert (row.state, row.attempt) == (StepState.RUNNING, 1)


def test_other_service_keeps_its_rows(row):
    engine.claim(row.pk, worker="service-2/7")

    assert engine.release_service("service") == 0


def test_stored_unit_before_the_stop_leaves_no_negative_count(row):
    claim = engine.claim(row.pk, worker="service/7")
    engine.note_stored_unit(claim)

    assert engine.release_service("service") == 1

    row.refresh_from_db()
    assert row.attempt == 0


def test_moment_named_after_a_stored_unit_leaves_no_negative_count(row):
    claim = engine.claim(row.pk, worker="a")
    engine.note_stored_unit(claim)

    engine.postpone(claim, wait=timedelta(), counts=False, error_code="rate_limited")

    row.refresh_from_db()
    assert row.attempt == 0


def test_oldest_ready_row_is_next(trivial, owner):
    older = start(owner, "one")
    start(owner, "two")

    claim = engine.claim_next("steps", worker="a")

    assert claim.job_id == older.pk


@pytest.mark.parametrize("ended", [JobState.READY, JobState.FAILED, JobState.CANCELED])
def test_ended_job_never_changes(row, ended):
    move(row.job_id, ended, at=timezone.now())

    for to in (JobState.RUNNING, JobState.READY, JobState.FAILED, JobState.CANCELED):
        with pytest.raises(MoveRefused):
            move(row.job_id, to, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=row.job_id).update(error_message="rewritten")


def test_database_refuses_a_falling_fence(row):
    engine.claim(row.pk, worker="a")

    with pytest.raises(IntegrityError), transaction.atomic():
        JobStep.objects.filter(pk=row.pk).update(fence=0)


def test_database_refuses_a_running_row_without_lease(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        JobStep.objects.filter(pk=row.pk).update(state=StepState.RUNNING)


def test_lease_runs_by_the_database_clock(row, time_machine):
    time_machine.move_to("2001-01-01")
    engine.claim(row.pk, worker="a")

    with connection.cursor() as cursor:
        cursor.execute("SELECT lease_until > clock_timestamp() FROM job_steps WHERE id = %s", [row.pk])
        assert cursor.fetchone() == (True,)
