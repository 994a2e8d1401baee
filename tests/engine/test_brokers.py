"""Hints by other brokers than PostgreSQL: they leave after the commit, and what is lost is sent again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django_q.models import OrmQ

from apps.pipeline.models import Job
from canvascast import hint_queue
from canvascast.env import ROOT
from canvascast.settings import broker as settings_broker
from tests import brokers
from tests.workers import running_worker, test_database_url, wait_until

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


@pytest.mark.slow  # as above
@pytest.mark.django_db(transaction=True)
def test_video_ordered_while_the_broker_is_away_is_made_when_it_is_back(trivial, tmp_path: Path):
    port = brokers.free_port()
    environment = brokers.environment("sqs", port)
    job = ordered("one", **environment)
    with running_worker(tmp_path, SETTINGS, **environment), brokers.started("sqs", port, tmp_path):
        wait_until(lambda: is_ready(job), seconds=90, what="the video")


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


def test_broker_that_does_not_answer_costs_the_hint_and_nothing_else(settings, monkeypatch):
    settings.HINTS_COMMIT_WITH_ROWS = False
    monkeypatch.setattr(hint_queue, "get_broker", _away)

    hint_queue._post("task", 1, "steps")

    assert hint_queue.waiting("steps") == 0


def _away(queue: str) -> None:
    raise ConnectionRefusedError(queue)


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
    ("url", "named"),
    [
        ("", {"orm": "default"}),
        ("redis://h:1/2", {"redis": "redis://h:1/2?socket_timeout=5&socket_connect_timeout=5"}),
        ("sqs://eu-central-1", {"sqs": {"aws_region": "eu-central-1", "receive_message_wait_time_seconds": 2}}),
    ],
)
def test_address_names_the_broker(monkeypatch, url, named):
    monkeypatch.setattr(settings_broker, "BROKER_URL", url)

    assert named.items() <= settings_broker.broker().items()


def test_other_address_is_refused(monkeypatch):
    monkeypatch.setattr(settings_broker, "BROKER_URL", "amqp://h")

    with pytest.raises(ImproperlyConfigured):
        settings_broker.broker()
