"""Credits and the job's state change together: set aside at the start, charged or given back at the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.billing import ledger
from apps.billing.models import LedgerEntry, Source
from apps.billing.queries import balance
from apps.notifications.models import Notification
from apps.pipeline import engine, left_files, runner
from apps.pipeline.actions import (
    IdempotencyConflict,
    NotPossible,
    TooManyOpenVideos,
    cancel_video,
    delete_project,
    retry_video,
    start_video,
)
from apps.pipeline.briefs import Order
from apps.pipeline.models import Artifact, Asset, Job, JobStep, Project
from canvascast.storages import DurableStorage, StorageUnavailable
from tests.engine.conftest import brief, start_brief
from tests.engine.test_runner import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def poor(django_user_model):
    return django_user_model.objects.create_user("poor@example.com")


def _start(owner, prompt, minutes=10.0, niche="facts"):
    asked = replace(brief(prompt), target_minutes=minutes, niche_preset=niche)
    return start_brief(owner, asked)


def _credits(user):
    found = balance(user.pk)
    return found.available, found.held


def _movements(job):
    entries = LedgerEntry.objects.filter(job_id=job.pk).order_by("seq")
    return [(entry.kind, entry.d_available, entry.d_held, entry.d_external) for entry in entries]


def work_on(job, *steps):
    """Finish these steps of the job and no others."""
    for row in JobStep.objects.filter(job=job, step__in=steps).order_by("ordinal"):
        for claimable in JobStep.objects.filter(job=job, step=row.step).order_by("ordinal"):
            claim = engine.claim(claimable.pk, worker="test/1")
            if claim is not None:
                runner.execute(claim)


def test_start_sets_the_price_aside(trivial, owner):
    job = _start(owner, "one two", minutes=9.5, niche="history")

    assert (job.price, job.reserved, job.cost) == (15, 15, 0)
    assert _movements(job) == [("RESERVE", -15, 15, 0)]
    assert _credits(owner) == (985, 15)


def test_finished_video_costs_its_real_length(trivial, owner):
    job = run(_start(owner, "one two"))

    assert (job.state, job.cost) == ("READY", 1)
    assert _movements(job) == [("RESERVE", -10, 10, 0), ("FINALIZE", 9, -10, 1)]
    assert _credits(owner) == (999, 0)
    told = Notification.objects.get(user=owner, event="video_ready")
    assert (told.key, told.facts["credits"]) == (str(job.pk), 1)


def test_failed_video_gives_everything_back(trivial, owner):
    job = run(_start(owner, "bug"))

    assert (job.state, job.cost) == ("FAILED", 0)
    assert _movements(job) == [("RESERVE", -10, 10, 0), ("RELEASE", 10, -10, 0)]
    assert Notification.objects.get(user=owner, event="video_failed").facts["creditsBack"] == 10


def test_stopped_video_keeps_the_share_of_its_finished_steps(trivial, owner):
    job = _start(owner, "one two")
    work_on(job, "script", "voice")

    cancel_video(job_id=job.pk, by=owner, at=timezone.now())

    job.refresh_from_db()
    assert (job.state, job.cost) == ("CANCELED", 3)
    assert _movements(job) == [("RESERVE", -10, 10, 0), ("FINALIZE", 7, -10, 3)]


def test_retry_of_a_stopped_video_does_not_pay_twice(trivial, owner):
    stopped = _start(owner, "one two")
    work_on(stopped, "script", "voice")
    cancel_video(job_id=stopped.pk, by=owner, at=timezone.now())
    stopped.refresh_from_db()

    again = retry_video(job=stopped, by=owner, at=timezone.now())

    assert (again.price, again.reserved) == (10, 7)
    assert run(again).cost == 0
    assert _credits(owner) == (997, 0)


def test_failure_of_a_stopped_video_tells_what_was_paid_before(trivial, owner):
    stopped = _start(owner, "one always-busy")
    work_on(stopped, "script")
    cancel_video(job_id=stopped.pk, by=owner, at=timezone.now())
    stopped.refresh_from_db()

    again = run(retry_video(job=stopped, by=owner, at=timezone.now()))

    told = Notification.objects.get(user=owner, event="video_failed").facts
    assert (again.state, stopped.cost) == ("FAILED", 1)
    assert (told["creditsBack"], told["paidBefore"]) == (9, 1)


def test_retry_of_a_failed_video_sets_the_whole_price_aside(trivial, owner):
    failed = run(_start(owner, "one always-busy"))

    again = retry_video(job=failed, by=owner, at=timezone.now())

    assert (again.price, again.reserved) == (10, 10)


def test_older_version_of_a_video_is_not_retried(trivial, owner):
    failed = run(_start(owner, "one always-busy"))
    run(retry_video(job=failed, by=owner, at=timezone.now()))

    with pytest.raises(NotPossible, match="newer version"):
        retry_video(job=failed, by=owner, at=timezone.now() + timedelta(seconds=1))


def test_video_that_became_ready_meanwhile_is_not_made_again(trivial, owner):
    job = _start(owner, "one two")
    work_on(job, "script")
    seen = Job.objects.get(pk=job.pk)
    run(job)

    with pytest.raises(NotPossible, match="ready"):
        retry_video(job=seen, by=owner, at=timezone.now())

    assert _credits(owner) == (999, 0)


def test_too_few_credits_start_nothing(trivial, poor):
    ledger.grant(user_id=poor.pk, credits=4, source=Source.GIFT, reason="", key="gift", at=timezone.now())

    with pytest.raises(ledger.InsufficientCredits) as refused:
        _start(poor, "one two")

    assert refused.value.details == {"required": 10, "available": 4}
    assert (Job.objects.count(), Project.objects.count()) == (0, 0)
    assert _credits(poor) == (4, 0)


def test_sixth_open_video_is_refused(trivial, owner):
    for number in range(5):
        _start(owner, f"one {number}")

    with pytest.raises(TooManyOpenVideos):
        _start(owner, "one more")

    assert Job.objects.count() == 5


def test_same_key_and_request_start_one_video(owner):
    asked = {"order": Order(prompt="Why do cats purr at night?"), "by": owner, "at": timezone.now()}

    first = start_video(**asked, idempotency_key="k", request_digest="a")
    second = start_video(**asked, idempotency_key="k", request_digest="a")

    assert first == second
    assert LedgerEntry.objects.filter(kind="RESERVE").count() == 1
    with pytest.raises(IdempotencyConflict):
        start_video(**asked, idempotency_key="k", request_digest="b")


def test_deleted_video_leaves_no_words_and_no_files_but_its_ledger(trivial, owner):
    job = run(_start(owner, "secret words"))
    asset = Asset.objects.filter(job=job).first()
    movements = _movements(job)

    delete_project(project=job.project, by=owner, at=timezone.now())
    left_files.delete_left(owner.pk)

    job.refresh_from_db()
    assert job.brief == {"erased": True}
    assert (job.state, job.cost, _movements(job)) == ("READY", 1, movements)
    assert set(Artifact.objects.filter(project=job.project).values_list("payload__erased", flat=True)) == {True}
    assert not JobStep.objects.filter(job=job, request__isnull=False).exists()
    assert not storages["generated-assets"].exists(asset.storage_name)
    assert not Asset.objects.filter(job=job, expired_at__isnull=True).exists()


def test_deleted_video_keeps_the_files_that_another_one_began_to_need_meanwhile(trivial, owner):
    first = run(_start(owner, "one two"))

    delete_project(project=first.project, by=owner, at=timezone.now())
    # As if it had been stored, and committed, between the deletion and the worker's look.
    second = run(_start(owner, "one two"))
    left_files.delete_left(owner.pk)

    storage = storages["generated-assets"]
    assert all(storage.exists(name) for name in second.assets.values_list("storage_name", flat=True))


def test_deleted_video_keeps_the_files_that_another_one_needs(trivial, owner):
    first = run(_start(owner, "one two"))
    second = run(_start(owner, "one two"))

    delete_project(project=first.project, by=owner, at=timezone.now())
    left_files.delete_left(owner.pk)

    storage = storages["generated-assets"]
    assert all(storage.exists(name) for name in second.assets.values_list("storage_name", flat=True))


def test_video_that_reuses_a_deleted_ones_work_is_made_all_the_same(trivial, owner):
    first = run(_start(owner, "one two"))
    second = _start(owner, "one two")

    delete_project(project=first.project, by=owner, at=timezone.now())
    left_files.delete_left(owner.pk)

    assert run(second).state == "READY"
    assert JobStep.objects.filter(job=second, reused=True).count() == 4
    assert not Artifact.objects.filter(project=second.project, payload__erased=True).exists()


def test_reused_work_keeps_its_age(trivial, owner):
    first = run(_start(owner, "one two"))
    second = _start(owner, "one two")

    ages = Artifact.objects.filter(step="script").values_list("project_id", "created_at")

    assert {project for project, _ in ages} == {first.project_id, second.project_id}
    assert len({created_at for _, created_at in ages}) == 1


def test_files_that_a_storage_does_not_delete_are_left_to_prune(trivial, owner, monkeypatch):
    job = run(_start(owner, "one two"))
    monkeypatch.setattr(DurableStorage, "delete", Mock(side_effect=StorageUnavailable))

    delete_project(project=job.project, by=owner, at=timezone.now())
    left_files.delete_left(owner.pk)

    project = Project.objects.get()
    assert (project.deleted_at is not None, project.files_left) == (True, None)


def test_deleting_a_running_video_stops_it_first(trivial, owner):
    job = _start(owner, "one two")

    delete_project(project=job.project, by=owner, at=timezone.now())

    job.refresh_from_db()
    assert job.state == "CANCELED"
    assert _credits(owner) == (1000, 0)


@pytest.mark.parametrize("change", [{"cost": 9}, {"state": "QUEUED"}, {"brief": {"prompt": "other"}}])
def test_finished_job_is_changed_by_nothing_but_erasure(trivial, owner, change):
    job = run(_start(owner, "one two"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**change)


@pytest.mark.parametrize(
    ("words", "opening"),
    [("one  two\nthree", "one two three"), ("é" * 100, "é" * 79 + "…"), ("word " * 30, "word " * 15 + "word…")],
)
def test_video_without_a_title_goes_by_how_its_text_begins(words, opening):
    assert Job(brief={"prompt": words}).opening == opening


def test_operator_starts_a_customer_s_video_again_with_the_customer_s_credits(trivial, owner, capsys):
    failed = run(_start(owner, "one always-busy"))

    call_command("retry_job", str(failed.pk))

    again = Job.objects.exclude(pk=failed.pk).get()
    assert (again.user, again.state, again.reserved) == (owner, "QUEUED", 10)
    assert capsys.readouterr().out == (
        f"Started again for owner@example.com; 10 credits of theirs set aside.\njob:     {again.pk}\n"
    )


def test_operator_is_told_why_a_customer_s_video_is_not_started_again(trivial, owner):
    ready = run(_start(owner, "one two"))

    with pytest.raises(CommandError, match="nothing to retry") as refused:
        call_command("retry_job", str(ready.pk))

    assert refused.value.returncode == 2
