"""How the site is doing, in words for everybody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.models import WorkerBeat
from canvascast.health import report, summary
from tests.health.test_health import no_database

__all__ = ["no_database"]


@pytest.fixture(autouse=True)
def _look_again():
    summary.SUMMARY.forget()
    yield
    summary.SUMMARY.forget()


def states(client) -> dict[str, str]:
    answer = client.get("/status")
    assert answer.status_code == 200
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", answer.content.decode(), re.DOTALL)
    return {name: " ".join(re.sub(r"<svg.*?</svg>", "", words, flags=re.DOTALL).split()) for name, words in pairs}


def test_all_is_well(client, well):
    assert states(client) == {"Website": "working", "Making videos": "working", "Storage": "working"}
    assert "Everything works." in client.get("/status").content.decode()


def test_worker_that_stopped_is_said_without_its_name(client, well):
    WorkerBeat.objects.update(seen_at=timezone.now() - timedelta(seconds=11))

    assert states(client) == {"Website": "working", "Making videos": "not working", "Storage": "working"}
    page = client.get("/status").content.decode()
    assert [name for name in ("worker", "queue", *settings.QUEUES) if re.search(rf"\b{name}\b", page)] == []


def test_page_answers_a_signed_in_reader_while_the_database_is_down(client, transactional_db, well, request):
    client.force_login(User.objects.create_user("owner@example.com"))
    request.getfixturevalue("no_database")

    assert states(client) == {"Website": "not working", "Making videos": "not working", "Storage": "working"}


def test_many_readers_cost_one_look(client, well, monkeypatch):
    looks = []
    monkeypatch.setattr(summary, "check_all", lambda: looks.append(1) or report.check_all())

    for _ in range(3):
        client.get("/status")

    assert len(looks) == 1


def test_page_is_kept_by_nobody(client, well):
    assert "no-store" in client.get("/status")["Cache-Control"]
