"""From a claimed row to the end of the job, without the queue: what each outcome leads to."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline import runner
from apps.pipeline.actions import NotPossible, cancel_video, retry_video
from apps.pipeline.context import Pulse
from apps.pipeline.models import Artifact, Asset, Job, JobStep, StepAttempt, WorkerBeat
from apps.pipeline.providers.errors import Transient
from apps.pipeline.providers.registry import UnknownProvider
from apps.pipeline.states import JobState, StepState
from tests.engine import trivial_steps
from tests.engine.conftest import database_away, start

pytestmark = pytest.mark.django_db(transaction=True)


def run(job: Job, *, rounds: int = 60, until: str = "") -> Job:
    """Work on whatever is ready until the job ends, or row by row until parts of the step `until` are ready."""
    for _ in range(rounds):
        if until:
            if JobStep.objects.filter(job=job, step=until, state=StepState.QUEUED).exists():
                return job
            runner.execute(runner.engine.claim_next("steps", worker="a"))
            continue
        row = JobStep.objects.filter(job=job).first()
        runner.work_from(row.pk)
        job.refresh_from_db()
        if job.is_finished:
            return job
        JobStep.objects.filter(job=job, state=StepState.QUEUED).update(due_at=timezone.now())
    raise AssertionError(f"{job} did not end")


def test_job_runs_from_prompt_to_assets(trivial, owner):
    job = run(start(owner, "one two three"))

    assert (job.state, job.progress, job.error_code) == (JobState.READY, 100, "")
    assert [asset.filename for asset in Asset.objects.order_by("filename")] == ["0.txt", "1.txt", "2.txt"]
    assert JobStep.objects.filter(job=job).exclude(state=StepState.DONE).count() == 0


def test_refused_part_fails_the_job_with_its_scene_and_reason(trivial, owner):
    job = run(start(owner, "fine refused"))

    assert (job.state, job.error_code, job.failed_step) == (JobState.FAILED, "refused", "VOICE_GEN")
    assert (
        job.error_message == "We couldn’t record the voice of scene 2. This word cannot be used. Please take another."
    )
    assert not JobStep.objects.filter(job=job, state__in=["WAITING", "QUEUED", "RUNNING"]).exists()


def test_busy_provider_is_tried_again(trivial, owner):
    job = run(start(owner, "busy-once"))

    assert job.state == JobState.READY
    outcomes = StepAttempt.objects.filter(job_step__part="scene_001").order_by("fence")
    assert [attempt.outcome for attempt in outcomes] == ["RETRIED", "DONE"]


def test_provider_that_stays_busy_fails_the_job_after_three_starts(trivial, owner):
    job = run(start(owner, "always-busy"))

    assert (job.state, job.error_code) == (JobState.FAILED, "busy")
    assert StepAttempt.objects.filter(job_step__part="scene_001").count() == 3


def test_outages_of_the_database_use_up_no_attempt(trivial, owner):
    job = run(start(owner, "fine outages"))

    assert job.state == JobState.READY
    assert StepAttempt.objects.filter(job_step__job=job, error_code="database_unavailable").count() == 5


def test_failure_that_meets_an_outage_is_written_down_when_it_is_over(trivial, owner, monkeypatch):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")

    def fail_in_an_outage(step, request, context):
        away.enter_context(database_away(0.6))
        raise OperationalError("the connection is closed")

    with ExitStack() as away:
        monkeypatch.setattr(trivial_steps.Parts, "make_part", fail_in_an_outage)
        runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    assert (part.state, part.attempt, part.error_code) == (StepState.QUEUED, 0, "database_unavailable")


def test_result_that_meets_an_outage_is_stored_when_it_is_over_and_not_made_again(trivial, owner, monkeypatch):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")
    make_part = trivial_steps.Parts.make_part

    def make_and_lose_the_line(step, request, context):
        made = make_part(step, request, context)
        away.enter_context(database_away(0.6))
        return made

    with ExitStack() as away:
        monkeypatch.setattr(trivial_steps.Parts, "make_part", make_and_lose_the_line)
        runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    assert part.state == StepState.DONE
    assert [attempt.outcome for attempt in StepAttempt.objects.filter(job_step=part)] == ["DONE"]


def test_unit_that_meets_an_outage_is_kept_when_it_is_over_and_not_made_again(trivial, owner, monkeypatch):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")
    stored = []

    def buy_and_lose_the_line(step, request, context):
        away.enter_context(database_away(0.6))
        context.keep("unit", request, request)
        stored.append(context.recall("unit", request, trivial_steps.Text))
        away.enter_context(database_away(0.6))
        return context.store.put_bytes(b"content", ".txt")

    with ExitStack() as away:
        monkeypatch.setattr(trivial_steps.Parts, "make_part", buy_and_lose_the_line)
        runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    assert (part.state, stored) == (StepState.DONE, [trivial_steps.Text("FINE")])
    assert [attempt.outcome for attempt in StepAttempt.objects.filter(job_step=part)] == ["DONE"]


@pytest.mark.parametrize("host", ["another", "this", ""])
def test_vendor_that_is_not_set_up_here_may_be_on_another_machine(trivial, owner, monkeypatch, host):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")
    if host:
        name = socket.gethostname() if host == "this" else host
        WorkerBeat.objects.create(name=f"{host}:1:steps", queue="steps", host=name, seen_at=timezone.now())

    def is_not_here(step, brief):
        raise UnknownProvider("provider_not_set_up", "The speaker “x” is not set up here.")

    monkeypatch.setattr(runner, "provider_for", is_not_here)
    runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    job.refresh_from_db()
    if host == "another":
        assert (job.state, part.state, part.attempt) == (JobState.RUNNING, StepState.QUEUED, 0)
    else:
        assert (job.state, job.error_code) == (JobState.FAILED, "provider_not_set_up")


def test_failure_just_as_its_job_is_stopped_closes_the_start(trivial, owner, monkeypatch):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")

    def fail_as_somebody_stops(step, request, context):
        cancel_video(job_id=job.pk, by=owner, at=timezone.now())
        raise Transient("vendor_trouble")

    monkeypatch.setattr(trivial_steps.Parts, "make_part", fail_as_somebody_stops)
    runner.execute(runner.engine.claim(part.pk, worker="a"))

    attempt = StepAttempt.objects.get(job_step=part)
    assert (attempt.outcome, attempt.finished_at is not None) == ("STOPPED", True)


def test_end_of_a_start_that_meets_an_outage_is_written_down_when_it_is_over(trivial, owner, monkeypatch):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")
    close = runner.engine.close_attempt

    def close_in_an_outage(*given, **named):
        monkeypatch.setattr(runner.engine, "close_attempt", close)
        away.enter_context(database_away(0.6))
        close(*given, **named)

    with ExitStack() as away:
        monkeypatch.setattr(runner.engine, "close_attempt", close_in_an_outage)
        runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    assert (part.state, StepAttempt.objects.get(job_step=part).outcome) == (StepState.DONE, "DONE")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EAGAIN, "fork"),
        OSError(errno.ENOMEM, "mmap"),
        OSError(errno.EMFILE, "open"),
        MemoryError(),
        RuntimeError("can't start new thread"),
    ],
    ids=["processes", "memory", "files", "python", "threads"],
)
def test_machine_that_is_short_for_a_moment_tries_again(trivial, owner, monkeypatch, error):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")

    def fail(step, request, context):
        raise error

    monkeypatch.setattr(trivial_steps.Parts, "make_part", fail)
    runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    assert (part.state, part.attempt, part.error_code) == (StepState.QUEUED, 1, "child_killed")


def test_order_with_a_choice_of_a_newer_version_waits_for_its_worker(trivial, owner):
    job = run(start(owner, "fine"), until="voice")
    Job.objects.filter(pk=job.pk).update(brief={**job.brief, "niche_preset": "gardening"})
    part = JobStep.objects.get(job=job, part="scene_001")

    runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, part.state, part.error_code) == (JobState.RUNNING, StepState.QUEUED, "other_version")


@pytest.mark.parametrize(
    "fields",
    [{"step": "subtitles"}, {"part": "chunk_001", "step": "script"}, {"request": {"words": 3}}],
    ids=["a step", "a part of a step", "a request"],
)
def test_row_that_only_another_version_can_read_is_left_to_it(trivial, owner, fields):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")
    JobStep.objects.filter(pk=part.pk).update(**fields)

    runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, part.state, part.attempt) == (JobState.RUNNING, StepState.QUEUED, 0)
    assert part.error_code == "other_version"
    assert timezone.now() < part.due_at <= timezone.now() + timedelta(seconds=10)


def test_row_that_no_version_comes_for_fails_its_job_after_hours(trivial, owner):
    job = run(start(owner, "fine"), until="voice")
    part = JobStep.objects.get(job=job, part="scene_001")
    long_ago = timezone.now() - timedelta(hours=7)
    JobStep.objects.filter(pk=part.pk).update(step="subtitles", started_at=long_ago, attempt=2)

    runner.execute(runner.engine.claim(part.pk, worker="a"))

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "other_version")


def test_full_disk_is_tried_again_and_then_said(trivial, owner):
    job = run(start(owner, "disk-full"))

    assert (job.state, job.error_code) == (JobState.FAILED, "disk_full")
    assert job.error_message.startswith(
        "We couldn’t record the voice of scene 1. There was no space left to store your video."
    )
    assert StepAttempt.objects.filter(job_step__part="scene_001").count() == 3


def test_third_start_that_stored_a_unit_may_still_be_tried_again(trivial, owner):
    job = start(owner, "one keep-then-busy")
    row = runner.JobStep.objects.get(job=job, step="script")
    runner.execute(runner.engine.claim(row.pk, worker="a"))
    part = JobStep.objects.get(job=job, part="scene_002")
    JobStep.objects.filter(pk=part.pk).update(attempt=2)

    runner.execute(runner.engine.claim(part.pk, worker="a"))

    part.refresh_from_db()
    assert (part.state, part.error_code) == (StepState.QUEUED, "busy")


def test_bug_is_an_apology_without_exception_text(trivial, owner):
    job = run(start(owner, "bug"))

    assert (job.state, job.error_code) == (JobState.FAILED, "internal")
    assert "secret" not in job.error_message
    assert "ZeroDivision" not in job.error_message
    assert "secret detail" in StepAttempt.objects.get(outcome="FAILED").detail


def test_retry_makes_only_what_is_missing(trivial, owner):
    failed = run(start(owner, "one two busy-once always-busy"))
    made = Artifact.objects.filter(unit__startswith="scene").count()

    again = retry_video(job=failed, by=owner, at=timezone.now())

    reused = JobStep.objects.filter(job=again, reused=True).order_by("ordinal").values_list("step", "part")
    assert made == 3
    assert [part for step, part in reused if step == "voice"] == ["scene_001", "scene_002", "scene_003"]


def test_same_prompt_of_another_user_is_made_anew(trivial, owner, django_user_model):
    run(start(owner, "one two"))
    stranger = django_user_model.objects.create_user("stranger@example.com")
    ledger.grant(user_id=stranger.pk, credits=9, source=Source.GIFT, reason="", key="stranger", at=timezone.now())

    job = run(start(stranger, "one two"))

    assert not JobStep.objects.filter(job=job, reused=True).exists()


def test_result_whose_file_vanished_is_made_again(trivial, owner, tmp_path):
    run(start(owner, "one two"))
    for file in (tmp_path / "storage").rglob("*.txt"):
        file.unlink()

    job = run(start(owner, "one two"))

    assert job.state == JobState.READY
    assert not JobStep.objects.filter(job=job, step="voice", part__gt="", reused=True).exists()


def test_cancelled_job_ends_with_every_row(trivial, owner):
    job = start(owner, "one two")

    cancel_video(job_id=job.pk, by=owner, at=timezone.now())

    job.refresh_from_db()
    assert job.state == JobState.CANCELED
    assert set(JobStep.objects.filter(job=job).values_list("state", flat=True)) == {"CANCELED"}
    with pytest.raises(NotPossible):
        cancel_video(job_id=job.pk, by=owner, at=timezone.now())


def test_hints_leave_with_the_commit_only(trivial, owner):
    with transaction.atomic():
        start(owner, "one")
        transaction.set_rollback(True)

    assert OrmQ.objects.count() == 0
    assert Job.objects.count() == 0


def test_second_delivery_of_a_hint_finds_nothing_to_do(trivial, owner):
    job = run(start(owner, "one"))

    assert runner.work_from(JobStep.objects.filter(job=job).first().pk) == 0


def test_log_lines_of_a_step_carry_trace_and_span_but_no_words(trivial, owner, caplog):
    with caplog.at_level("INFO"):
        job = run(start(owner, "confidential"))

    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    started = next(line for line in lines if line["event"] == "started" and line["step"] == "voice")
    attempt = StepAttempt.objects.get(job_step__part="scene_001")
    assert (started["traceId"], started["spanId"]) == (str(job.pk), attempt.span_id)
    assert (started["parentSpanId"], started["userId"]) == (job.pk.hex[:16], str(owner.pk))
    assert {line["event"] for line in lines} >= {"created", "started", "succeeded"}
    assert "confidential" not in caplog.text.lower()


@pytest.mark.parametrize(
    ("word", "event"), [("fine", "succeeded"), ("busy-once", "retried"), ("refused", "failed"), ("bug", "failed")]
)
def test_every_end_of_a_start_is_a_line_with_its_span_and_duration(trivial, owner, caplog, word, event):
    with caplog.at_level("INFO"):
        job = run(start(owner, word))

    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    (line,) = [line for line in lines if line["event"] == event and line.get("part") == "scene_001"][:1]
    first = StepAttempt.objects.filter(job_step__part="scene_001").earliest("fence")
    assert (line["traceId"], line["spanId"]) == (str(job.pk), first.span_id)
    assert 0 <= line["duration"] < 5


def test_pulse_keeps_the_lease_and_publishes_progress(trivial, owner):
    job = start(owner, "one")
    row = JobStep.objects.get(job=job, step="script")
    claim = runner.engine.claim(row.pk, worker="a")
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    pulse = Pulse(claim, deadline_seconds=60)
    pulse.share, pulse.message = 0.5, "Half way"
    before = JobStep.objects.get(pk=row.pk).lease_until

    pulse.beat()

    row.refresh_from_db()
    job.refresh_from_db()
    assert row.lease_until > before
    assert (row.progress, row.message) == (0.5, "Half way")
    assert (job.progress, job.status_message) == (16, "Half way")
    assert not pulse.lost.is_set()


def test_pulse_writes_what_is_new_and_nothing_else(trivial, owner, settings, django_assert_num_queries):
    settings.LEASE_SECONDS = 30
    job = start(owner, "one")
    row = JobStep.objects.get(job=job, step="script")
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, status_message="Speaking")
    pulse = Pulse(runner.engine.claim(row.pk, worker="a"), deadline_seconds=60)
    pulse.share = 0.5
    pulse.beat()
    before = versions(row, job)

    for share in (0.5, 0.505):
        pulse.share = share
        with django_assert_num_queries(1):
            pulse.beat()

    assert versions(row, job) == before
    assert Job.objects.get(pk=job.pk).status_message == "Speaking"


def versions(*rows: JobStep | Job) -> list[str]:
    """Where each row's newest version lies: every write makes another."""
    with connection.cursor() as cursor:
        found = []
        for row in rows:
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {row._meta.db_table} WHERE id = %s", [row.pk])
            found.append(cursor.fetchone())
    return found


def test_next_step_does_not_go_under_the_last_one_s_words(trivial, owner):
    job = start(owner, "one")
    Job.objects.filter(pk=job.pk).update(status_message="Writing")

    run(job, until="voice")

    job.refresh_from_db()
    assert (job.step, job.status_message) == ("VOICE_GEN", "")


def test_job_remembers_when_its_progress_last_grew(trivial, owner):
    job = start(owner, "one")
    claim = runner.engine.claim(JobStep.objects.get(job=job, step="script").pk, worker="a")
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    pulse = Pulse(claim, deadline_seconds=60)
    pulse.share = 0.5
    pulse.beat()
    moved = Job.objects.get(pk=job.pk).moved_at
    pulse.beat()

    assert moved is not None
    assert Job.objects.get(pk=job.pk).moved_at == moved


def test_pulse_of_a_cancelled_job_gives_up(trivial, owner):
    job = start(owner, "one")
    claim = runner.engine.claim(JobStep.objects.get(job=job, step="script").pk, worker="a")
    cancel_video(job_id=job.pk, by=owner, at=timezone.now())
    pulse = Pulse(claim, deadline_seconds=60)

    pulse.beat()

    assert pulse.lost.is_set()
