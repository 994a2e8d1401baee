"""Hints by other brokers than PostgreSQL: they leave after the commit, and what is lost is sent again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from apps.pipeline.models import Job, JobStep, StepAttempt
from apps.pipeline.states import StepState
from canvascast import hint_queue
from canvascast.env import ROOT
from canvascast.settings import broker as settings_broker
from tests import brokers
from tests.workers import cluster_workers, running_worker, test_database_url, wait_until

SETTINGS = "tests.engine.settings_trivial"


def ordered(prompt: str, **environment: str) -> Job:
    """Order a video in a process of its own, which reads its settings anew."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hosts.start", prompt],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_URL": test_database_url(), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Job.objects.get(pk=done.stdout.strip())


def is_ready(job: Job) -> bool:
    job.refresh_from_db()
    return job.is_ready


@pytest.mark.slow  # three worker services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["redis", "sqs"])
def test_video_is_made_with_another_broker(name, trivial, tmp_path: Path):
    try:
        with brokers.broker(name, tmp_path) as environment:
            job = ordered("one two three", **environment)
            with running_worker(tmp_path, SETTINGS, **environment):
                wait_until(lambda: is_ready(job), seconds=60, what="the video")
    except brokers.NotInstalled as reason:
        pytest.skip(str(reason))

    assert OrmQ.objects.count() == 0


@pytest.mark.slow  # a worker service each
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["redis", "sqs"])
def test_cluster_starts_and_makes_videos_while_the_broker_is_away(name, trivial, tmp_path: Path):
    environment = brokers.environment(name, brokers.free_port())
    job = ordered("one two", **environment)

    with running_worker(tmp_path, SETTINGS, **environment):
        wait_until(lambda: is_ready(job), seconds=60, what="the video")

    assert "cluster_restarted" not in (tmp_path / "worker.log").read_text()


@pytest.mark.slow  # waits for a broker that does not answer
@pytest.mark.django_db(transaction=True)
def test_videos_are_made_while_the_broker_hangs(trivial, tmp_path: Path):
    port = brokers.free_port()
    environment = brokers.environment("redis", port)
    try:
        with brokers.started("redis", port, tmp_path) as redis:
            redis.send_signal(signal.SIGSTOP)
            with running_worker(tmp_path, SETTINGS, **environment):
                job = ordered("one two", **environment)
                wait_until(lambda: is_ready(job), seconds=60, what="the video")
    except brokers.NotInstalled as reason:
        pytest.skip(str(reason))

    assert "cluster_restarted" not in (tmp_path / "worker.log").read_text()


@pytest.mark.slow  # a quarter of a minute each: django-q2's own pusher gives up after ten seconds
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["redis", "sqs"])
def test_outage_of_the_broker_leaves_work_in_hand_alone(name, trivial, tmp_path: Path):
    port = brokers.free_port()
    environment = {**brokers.environment(name, port), "WORKER_PROCESSES": "2"}
    try:
        with running_worker(tmp_path, SETTINGS, **environment) as worker:
            with brokers.started(name, port, tmp_path):
                wait_until(lambda: len(cluster_workers(worker)) == 4, seconds=60, what="the cluster")
                before = {process.pid for process in cluster_workers(worker)}
                in_hand = ordered(" ".join(f"SLOW{number}" for number in range(14)), **environment)
                running = JobStep.objects.filter(job=in_hand, step="voice", state=StepState.RUNNING)
                wait_until(lambda: running.count() == 2, seconds=30, what="work in hand")
            meanwhile = ordered("one", **environment)
            wait_until(lambda: is_ready(in_hand) and is_ready(meanwhile), seconds=90, what="the videos of the outage")
            with brokers.started(name, port, tmp_path):
                after = ordered("two", **environment)
                wait_until(lambda: is_ready(after), seconds=60, what="the video after it")
                assert {process.pid for process in cluster_workers(worker)} == before
    except brokers.NotInstalled as reason:
        pytest.skip(str(reason))

    assert "cluster_restarted" not in (tmp_path / "worker.log").read_text()
    assert set(StepAttempt.objects.values_list("outcome", flat=True)) == {"DONE"}
    assert StepAttempt.objects.count() == JobStep.objects.count()


@pytest.fixture
def outside(settings, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int | str, str]]:
    """Another broker, of which only what it was sent is known."""
    settings.HINTS_COMMIT_WITH_ROWS = False
    sent: list[tuple[str, int | str, str]] = []
    monkeypatch.setattr(hint_queue, "_post", lambda *hint: sent.append(hint))
    return sent


@pytest.mark.django_db(transaction=True)
def test_hint_by_another_broker_leaves_after_the_commit(outside):
    with transaction.atomic():
        hint_queue.send("task", 1, queue="steps")
        before = list(outside)

    assert (before, outside) == ([], [("task", 1, "steps")])


@pytest.mark.django_db(transaction=True)
def test_hint_of_what_was_rolled_back_is_not_sent(outside):
    with transaction.atomic():
        hint_queue.send("task", 1, queue="steps")
        transaction.set_rollback(True)

    assert outside == []


@pytest.mark.parametrize(
    ("counts", "seconds", "is_untaken"),
    [
        ([0, 0, 0], [10, 20, 30], False),
        ([5, 4, 3], [10, 20, 30], False),
        ([5, 5, 5], [10, 20, 30], True),
        ([5, 6, 9], [10, 20, 30], True),
        ([1, 0, 1], [10, 20, 30], False),
        ([5, 5, 5], [30, 40, 50], False),
    ],
    ids=["empty", "falls", "stays", "grows", "was empty", "was not looked at before"],
)
def test_queue_whose_number_never_falls_is_not_served(settings, monkeypatch, counts, seconds, is_untaken):
    settings.HINTS_COMMIT_WITH_ROWS = False
    clock, found = iter([0, *seconds]), iter(counts)
    monkeypatch.setattr(hint_queue.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(hint_queue, "waiting", lambda queue: next(found))
    watch = hint_queue.Watch()

    assert [watch.is_untaken("steps", for_seconds=25) for _ in counts][-1] == is_untaken


@pytest.mark.parametrize(
    ("url", "kind", "named"),
    [
        ("", "PatientQueue", {"orm": "default"}),
        ("redis://h:1/2", "PatientRedis", {"redis": "redis://h:1/2?socket_timeout=5&socket_connect_timeout=2"}),
        ("sqs://r-1", "PatientSqs", {"sqs": {"aws_region": "r-1", "receive_message_wait_time_seconds": 2}}),
    ],
)
def test_address_names_the_broker(monkeypatch, url, kind, named):
    monkeypatch.setattr(settings_broker, "BROKER_URL", url)

    broker = settings_broker.broker()

    assert named.items() <= broker.items()
    assert import_string(broker["broker_class"]).__name__ == kind


def test_other_address_is_refused(monkeypatch):
    monkeypatch.setattr(settings_broker, "BROKER_URL", "amqp://h")

    with pytest.raises(ImproperlyConfigured):
        settings_broker.broker()
