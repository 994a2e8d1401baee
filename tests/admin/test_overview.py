"""The first staff page: what waits, what the last days brought and cost, what went wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.pipeline.models import ProviderCall, WorkerBeat
from apps.pipeline.states import JobState
from canvascast.metrics import collector
from canvascast.operations.overview import DAYS, overview
from tests.admin.conftest import make_failed_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    collector.forget()
    yield
    collector.forget()


def test_days_count_what_ended_on_them_and_what_it_cost(owner):
    now = timezone.now()
    for code in ("vendor_refused", "disk_full", "disk_full"):
        make_failed_job(owner, error_code=code)
    make_failed_job(owner, state=JobState.READY, error_code="")
    make_failed_job(owner, state=JobState.CANCELED, error_code="")
    make_failed_job(owner, finished_at=now - timedelta(days=DAYS + 1))

    found = overview(at=now)

    today, *others = found.days
    assert (today.day, today.ready, today.failed, today.stopped) == (now.date(), 1, 3, 1)
    assert today.success_percent == 25
    assert len(found.days) == DAYS
    assert [day.success_percent for day in others] == [None] * (DAYS - 1)
    assert today.vendor_usd == pytest.approx(sum(ProviderCall.objects.values_list("cost_micro_usd", flat=True)) / 1e6)
    assert [(cause.code, cause.videos, cause.credits) for cause in found.causes] == [
        ("disk_full", 2, 24),
        ("vendor_refused", 1, 12),
    ]


def test_queues_show_who_serves_them(settings):
    settings.QUEUES = {"steps": 2, "quick": 1}
    WorkerBeat.objects.create(name="a:1:steps", queue="steps", seen_at=timezone.now())

    assert [(queue.name, queue.workers) for queue in overview(at=timezone.now()).queues] == [("quick", 0), ("steps", 1)]


def test_page_shows_it_in_few_queries(staff_client, owner, django_assert_max_num_queries):
    make_failed_job(owner, error_code="disk_full")
    staff_client.get("/admin/")
    collector.forget()

    with django_assert_max_num_queries(30):
        shown = staff_client.get("/admin/").content.decode()

    assert "There was no space left to store your video." in shown
    assert "Went back" in shown


def test_page_opens_while_the_database_gives_no_numbers(staff_client, monkeypatch):
    monkeypatch.setattr("canvascast.operations.overview.numbers", dict)

    assert "gave no numbers just now" in staff_client.get("/admin/").content.decode()


def test_page_opens_while_the_database_tells_of_no_workers(staff_client, monkeypatch):
    told = {name: {"steps": 3.0} for name in ("steps_waiting", "steps_running", "steps_oldest_seconds")}
    monkeypatch.setattr(
        "canvascast.operations.overview.numbers", lambda: {f"canvascast_{name}": by for name, by in told.items()}
    )

    shown = staff_client.get("/admin/").content.decode()

    assert "3 s" in shown
    assert "nobody takes this work" not in shown
