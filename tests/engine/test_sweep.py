"""What was lost is found again, and nothing that lives is taken for lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from apps.pipeline import engine, runner, sweep
from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import JobState, StepState
from canvascast import hint_queue
from tests.engine.conftest import start

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(trivial, owner) -> JobStep:
    job = start(owner, "one two")
    OrmQ.objects.all().delete()
    JobStep.objects.filter(job=job).update(hinted_at=None)
    return JobStep.objects.get(job=job, step="script")


def exhaust(row: JobStep) -> None:
    engine.claim(row.pk, worker="a")
    JobStep.objects.filter(pk=row.pk).update(attempt=3, lease_until=timezone.now() - timedelta(minutes=1))


def test_ready_row_without_a_hint_gets_one(row):
    sweep.sweep("steps")

    assert OrmQ.objects.filter(key="steps").count() == 1


@pytest.mark.parametrize(("share_of_lease", "hints"), [(0.1, 0), (0.6, 1)])
def test_row_whose_hint_is_gone_gets_another_half_a_lease_later(row, settings, share_of_lease, hints):
    settings.LEASE_SECONDS = 9
    hinted_at = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS * share_of_lease)
    JobStep.objects.filter(pk=row.pk).update(hinted_at=hinted_at)

    sweep.sweep("steps")

    assert OrmQ.objects.filter(key="steps").count() == hints


def test_row_is_not_hinted_again_within_five_seconds_however_long_the_lease(row, settings):
    settings.LEASE_SECONDS = 30
    JobStep.objects.filter(pk=row.pk).update(hinted_at=timezone.now() - timedelta(seconds=4))

    sweep.sweep("steps")

    assert OrmQ.objects.count() == 0


def test_hints_that_a_killed_cluster_took_do_not_keep_others_from_being_sent(row):
    taken = timezone.now() + timedelta(days=1)
    OrmQ.objects.bulk_create(OrmQ(key="steps", payload="taken", lock=taken) for _ in range(16))

    sweep.sweep("steps")

    assert OrmQ.objects.filter(key="steps", lock__lte=timezone.now()).count() == 1
    hint_queue.forget_taken("steps")
    assert OrmQ.objects.filter(payload="taken").count() == 0


def test_row_that_lost_its_worker_three_times_fails_its_job(row):
    exhaust(row)

    sweep.sweep("steps")

    job = Job.objects.get(pk=row.job_id)
    assert (job.state, job.error_code, job.failed_step) == (JobState.FAILED, "worker_lost", "SCRIPTING")
    assert job.error_message.startswith("We couldn’t write the script. Making this video stopped our machine")
    assert JobStep.objects.get(pk=row.pk).state == "FAILED"


def test_row_whose_last_lease_ended_in_an_outage_may_still_be_written_down(row):
    exhaust(row)
    JobStep.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(seconds=2))

    sweep.sweep("steps")

    assert Job.objects.get(pk=row.job_id).state != JobState.FAILED


def test_row_that_waits_without_a_start_left_fails_its_job(row):
    """Nobody can claim it, so it would wait for ever with the credits set aside."""
    exhaust(row)
    JobStep.objects.filter(pk=row.pk).update(state="QUEUED", lease_until=None)

    sweep.sweep("steps")

    assert Job.objects.get(pk=row.job_id).state == JobState.FAILED


def test_row_that_was_finished_meanwhile_does_not_fail_its_job(row, monkeypatch):
    exhaust(row)
    locked = Job.objects.select_for_update

    def finished_just_before_the_lock():
        JobStep.objects.filter(pk=row.pk).update(lease_until=timezone.now() + timedelta(minutes=1))
        return locked()

    monkeypatch.setattr(Job.objects, "select_for_update", finished_just_before_the_lock)
    sweep.sweep("steps")

    assert Job.objects.get(pk=row.job_id).state != JobState.FAILED


def test_row_of_a_step_that_is_gone_fails_its_job_with_an_apology_when_nobody_comes_for_it(row):
    long_ago = timezone.now() - timedelta(hours=7)
    JobStep.objects.filter(pk=row.pk).update(step="retired", started_at=long_ago, attempt=2)

    runner.work_from(row.pk)

    job = Job.objects.get(pk=row.job_id)
    assert (job.state, job.error_code, job.failed_step) == (JobState.FAILED, "other_version", "RETIRED")
    assert not JobStep.objects.filter(job=job, state=StepState.RUNNING).exists()
