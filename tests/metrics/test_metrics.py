"""What Prometheus is told, and who else is not."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source, StripeEvent
from apps.billing.models.payments import EventState
from apps.notifications.models import MailState, Notification
from apps.pipeline.models import JobStep, ProviderCall, StepAttempt, WorkerBeat
from apps.pipeline.models.provider_call import CallState
from apps.pipeline.states import JobState, StepState
from canvascast.metrics import collector
from canvascast.metrics.gauges import READINGS, Gauge, Reading
from canvascast.metrics.watched import remember_watch
from canvascast.operations import periodic
from canvascast.operations.models import NightsWork, Work
from tests import brokers
from tests.billing.moves import give, hold
from tests.engine.test_patient_brokers import port
from tests.health.test_health import no_database
from tests.operations.conftest import job_of

__all__ = ["no_database", "port"]

OUTSIDE = {"REMOTE_ADDR": "203.0.113.9"}
TOKEN = "a-token-of-some-length"

Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


def numbers(client: Client) -> Numbers:
    """Return every sample by name and labels, as Prometheus' own parser reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def number(client: Client, name: str, **labels: str) -> float:
    return numbers(client)[f"canvascast_{name}", frozenset(labels.items())]


def answers_of(**labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """The sample that counts these answers."""
    return "canvascast_http_answers_total", frozenset(labels.items())


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("203.0.113.9", {}, 404),
        ("203.0.113.9", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.9", {"Authorization": f"Bearer {TOKEN}x"}, 404),
        ("203.0.113.9", {"Authorization": TOKEN}, 404),
    ],
)
def test_numbers_are_for_this_machine_and_for_who_knows_the_token(client, db, settings, address, headers, status):
    settings.METRICS_TOKEN = TOKEN

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_empty_token_opens_nothing(client, db, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}, **OUTSIDE).status_code == 404


def test_staff_outside_find_no_such_page(client, db):
    client.force_login(User.objects.create_superuser("staff@example.com"))

    assert client.get("/metrics", **OUTSIDE).status_code == 404


def test_queues_without_work_are_zero_and_not_missing(client, db, settings):
    found = numbers(client)

    for name in ("hints_waiting", "hints_oldest_seconds", "steps_waiting", "steps_running", "workers"):
        for queue in settings.QUEUES:
            assert found[f"canvascast_{name}", frozenset({("queue", queue)})] == 0


def test_waiting_and_running_work_is_counted_by_queue(client, owner):
    now = timezone.now()
    job = job_of(owner, JobState.RUNNING)
    rows = [
        ("waits", {"state": StepState.QUEUED, "due_at": now - timedelta(seconds=400)}),
        ("waits too", {"state": StepState.QUEUED, "due_at": now - timedelta(seconds=20)}),
        ("later", {"state": StepState.QUEUED, "due_at": now + timedelta(hours=1)}),
        ("runs", {"state": StepState.RUNNING, "lease_until": now}),
        ("not ready", {"state": StepState.WAITING}),
    ]
    for step, fields in rows:
        JobStep.objects.create(job=job, step=step, ordinal=0, **fields)
    OrmQ.objects.create(key="quick", payload="", lock=now - timedelta(seconds=90))
    OrmQ.objects.create(key="quick", payload="", lock=now + timedelta(days=1))
    WorkerBeat.objects.create(name="a", queue="steps", seen_at=now)
    WorkerBeat.objects.create(name="b", queue="steps", seen_at=now - timedelta(seconds=11))

    assert number(client, "steps_waiting", queue="steps") == 2
    assert number(client, "steps_running", queue="steps") == 1
    assert 400 <= number(client, "steps_oldest_seconds", queue="steps") < 405
    assert number(client, "hints_waiting", queue="quick") == 1
    assert 90 <= number(client, "hints_oldest_seconds", queue="quick") < 95
    assert number(client, "workers", queue="steps") == 1


def test_videos_are_counted_by_how_they_ended(client, owner):
    for state in (JobState.QUEUED, JobState.RUNNING, JobState.RUNNING, JobState.READY, JobState.FAILED):
        job_of(owner, state)
    long_ago = job_of(owner, JobState.CANCELED)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE jobs SET error_code = 'worker_lost' WHERE state = 'FAILED'")
        cursor.execute("UPDATE jobs SET finished_at = now() - interval '2 days' WHERE id = %s", [long_ago.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert number(client, "jobs_open", state="QUEUED") == 1
    assert number(client, "jobs_open", state="RUNNING") == 2
    assert number(client, "jobs_ended_today", state="READY") == 1
    assert number(client, "jobs_ended_half_hour", state="FAILED") == 1
    assert number(client, "jobs_ended_today", state="CANCELED") == 0
    assert number(client, "job_failures_hour", code="worker_lost") == 1
    assert number(client, "job_failures_hour", code="internal") == 0


def test_cost_above_the_price_is_told(client, owner):
    job = job_of(owner, JobState.READY)
    give(owner, 20)
    hold(owner, 12, job_id=job.pk)

    ledger.finalize(job_id=job.pk, credits=15, at=timezone.now())

    assert number(client, "overrun_credits_today") == 3
    assert number(client, "overrun_credits_most_today") == 3


def test_code_that_is_in_no_catalogue_is_other(client, owner):
    job_of(owner, JobState.FAILED)

    assert number(client, "job_failures_hour", code="other") == 1


def test_steps_tell_how_long_they_took(client, owner):
    now = timezone.now()
    row = JobStep.objects.create(job=job_of(owner, JobState.RUNNING), step="voice", ordinal=0)
    for fence, seconds in enumerate((1, 2, 3, 4, 100)):
        StepAttempt.objects.create(
            job_step=row,
            fence=fence,
            span_id="",
            worker="",
            started_at=now - timedelta(seconds=seconds),
            finished_at=now,
            outcome="DONE" if seconds < 100 else "RETRIED",
        )

    assert number(client, "step_starts_hour", step="voice") == 4
    assert number(client, "step_seconds_p50", step="voice") == pytest.approx(2.5)
    assert number(client, "step_seconds_p95", step="voice") == pytest.approx(3.85)


def test_vendors_tell_calls_and_dollars_of_today(client, db, settings):
    settings.PROVIDER_ACCOUNTS = {"openai": None, "gemini": None}
    for state, cost in ((CallState.OK, 1_500_000), (CallState.FAILED, 0), (CallState.UNKNOWN, 0)):
        ProviderCall.objects.create(
            fence=0, capability="writer", provider="openai", method="write", state=state, cost_micro_usd=cost
        )
    ProviderCall.objects.update(started_at=timezone.now())
    ProviderCall.objects.create(
        fence=0,
        capability="writer",
        provider="openai",
        method="write",
        state=CallState.OK,
        cost_micro_usd=9_000_000,
        started_at=timezone.now() - timedelta(days=1, seconds=1),
    )

    assert number(client, "provider_answers_today", vendor="openai") == 1
    assert number(client, "provider_failures_today", vendor="openai") == 1
    assert number(client, "provider_lost_calls_today", vendor="openai") == 1
    assert number(client, "provider_spend_dollars_today", vendor="openai") == 1.5
    assert number(client, "provider_spend_dollars_today", vendor="gemini") == 0
    assert number(client, "provider_budget_dollars") == settings.DAILY_BUDGET_USD


@pytest.mark.parametrize(
    ("hours", "age_hours", "failed"),
    [
        ({"expected_since": 50}, 50, 0),
        ({"expected_since": 50, "failed_at": 2}, 50, 1),
        ({"expected_since": 50, "failed_at": 2, "done_at": 1}, 1, 0),
        ({"expected_since": 50, "failed_at": 1, "done_at": 2}, 2, 1),
    ],
)
def test_nights_work_tells_when_it_was_last_done_and_whether_it_failed_since(client, db, hours, age_hours, failed):
    moments = {name: timezone.now() - timedelta(hours=ago) for name, ago in hours.items()}
    NightsWork.objects.filter(name=Work.BACKUP).delete()
    NightsWork.objects.create(name=Work.BACKUP, **moments)

    age_seconds = number(client, "nights_work_age_seconds", work="backup")

    assert age_hours * 3600 <= age_seconds < age_hours * 3600 + 60
    assert number(client, "nights_work_failed", work="backup") == failed


def test_credits_of_all_wallets_are_summed(client, owner):
    other = User.objects.create_user("other@example.com")
    for user, credits in ((owner, 3), (other, 4)):
        ledger.grant(
            user_id=user.pk, credits=credits, source=Source.GIFT, reason="", key=str(user.pk), at=timezone.now()
        )

    assert number(client, "credits_available") == 7
    assert number(client, "credits_reserved") == number(client, "credits_owed") == 0
    assert number(client, "trial_credits_today") == 0


def test_what_was_given_up_is_counted_beside_what_waits(client, owner):
    now = timezone.now()
    states = (MailState.QUEUED, MailState.GIVEN_UP, MailState.DROPPED)
    for state in states:
        Notification.objects.create(user=owner, event="welcome", key=state, state=state)
    Notification.objects.filter(state=MailState.QUEUED).update(due_at=now - timedelta(minutes=2))
    for state in EventState.values:
        StripeEvent.objects.create(id=f"evt_{state}", type="invoice.paid", state=state)

    assert number(client, "mails_waiting") == number(client, "mails_given_up") == 1
    assert 120 <= number(client, "mails_oldest_seconds") < 125
    assert number(client, "stripe_events_waiting") == number(client, "stripe_events_given_up") == 1
    assert number(client, "webhooks_waiting") == 0


def test_last_watch_tells_what_it_found(client, owner):
    assert ("canvascast_invariants_broken", frozenset()) not in numbers(client)

    with connection.cursor() as cursor:
        ledger.grant(user_id=owner.pk, credits=3, source=Source.GIFT, reason="", key="gift", at=timezone.now())
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE wallets SET available = available + 1 WHERE user_id = %s", [owner.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    periodic.watch()
    collector.forget()

    assert number(client, "invariants_broken") == 2
    assert number(client, "watch_age_seconds") < 5
    assert ("canvascast_invariants_broken_at_night", frozenset()) not in numbers(client)


def test_night_s_watch_is_told_beside_the_last(client, db):
    remember_watch(findings=3, at=timezone.now() - timedelta(hours=9), check="everything")
    remember_watch(findings=0, at=timezone.now())

    assert number(client, "invariants_broken") == 0
    assert number(client, "invariants_broken_at_night") == 3
    assert number(client, "watch_age_seconds") < 5


def test_answers_are_counted_by_view_whatever_was_asked_for(client, db):
    counted = [
        answers_of(view="health:health", method="GET", status="200"),
        answers_of(view="health:health", method="other", status="405"),
        answers_of(view="none", method="GET", status="404"),
        ("canvascast_http_seconds_count", frozenset({("view", "none")})),
    ]
    before = numbers(client)

    client.get("/health?key=canary")
    client.get("/nobody-home/canary")
    client.generic("CANARY", "/health")

    after = numbers(client)
    assert [after[sample] - before.get(sample, 0) for sample in counted] == [1, 1, 1, 1]
    assert "canary" not in client.get("/metrics").content.decode().lower()


def test_many_readers_cost_one_look(client, db, django_assert_max_num_queries, django_assert_num_queries):
    with django_assert_max_num_queries(22):
        client.get("/metrics")
    with django_assert_num_queries(0):
        client.get("/metrics")


def test_numbers_of_the_process_are_told_while_the_database_is_down(client, transactional_db, request):
    request.getfixturevalue("no_database")

    found = numbers(client)

    assert found["canvascast_database_up", frozenset()] == 0
    assert found["canvascast_disk_free_bytes", frozenset()] > 0
    assert "canvascast_jobs_open" not in {name for name, _ in found}


@pytest.fixture
def slow_reading(monkeypatch):
    """A number among the others that the database takes seconds to tell."""
    reading = Reading("SELECT count(*) FROM pg_sleep(5)", (Gauge("canvascast_slow", "Slow."),))
    monkeypatch.setattr(collector, "READINGS", (*READINGS[:3], reading, *READINGS[3:]))
    monkeypatch.setattr(collector, "_LONGEST_QUERY_MILLISECONDS", 50)


def test_number_that_takes_too_long_is_left_out_and_the_others_are_told(client, owner, slow_reading):
    job_of(owner, JobState.RUNNING)

    found = numbers(client)

    assert ("canvascast_slow", frozenset()) not in found
    assert found["canvascast_reading_failed", frozenset({("gauge", "canvascast_slow")})] == 1
    assert sum(value for (name, _), value in found.items() if name == "canvascast_reading_failed") == 1
    assert found["canvascast_database_up", frozenset()] == 1
    assert found["canvascast_jobs_open", frozenset({("state", "RUNNING")})] == 1
    assert found["canvascast_hints_waiting", frozenset({("queue", "quick")})] == 0


def test_numbers_after_the_time_for_all_are_left_out(client, db, monkeypatch):
    monkeypatch.setattr(collector, "_LONGEST_READ_SECONDS", 0.0)

    found = numbers(client)

    unread = [value for (name, _), value in found.items() if name == "canvascast_reading_failed"]
    assert unread == [1] * len(READINGS)
    assert found["canvascast_database_up", frozenset()] == 1


def test_numbers_come_in_time_while_the_broker_of_hints_hangs(client, db, port: int, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(collector, "_BROKER_SECONDS", 0.3)
    try:
        with brokers.started("redis", port, tmp_path) as redis:
            redis.send_signal(signal.SIGSTOP)
            began = time.monotonic()
            hanging = numbers(client)
            took = time.monotonic() - began
            redis.send_signal(signal.SIGCONT)
            monkeypatch.setattr(collector, "_BROKER_SECONDS", 5)
            collector.forget()
            back = numbers(client)
    except brokers.NotInstalled as reason:
        pytest.skip(str(reason))

    assert took < 2
    assert hanging["canvascast_broker_up", frozenset()] == 0
    assert "canvascast_hints_waiting" not in {name for name, _ in hanging}
    assert hanging["canvascast_steps_waiting", frozenset({("queue", "steps")})] == 0
    assert back["canvascast_broker_up", frozenset()] == 1
    assert back["canvascast_hints_waiting", frozenset({("queue", "steps")})] == 0


def test_no_label_names_a_person_or_a_video(client, owner):
    job = job_of(owner, JobState.FAILED)

    text = client.get("/metrics").content.decode()

    assert [word for word in (str(owner.pk), str(job.pk), job.pk.hex, "example.com") if word in text] == []
