"""Staff see which worker services there are and what each is doing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline import engine
from apps.pipeline.models import JobStep, WorkerBeat
from apps.pipeline.services import services
from tests.engine.conftest import start

pytestmark = pytest.mark.django_db
LIST = reverse("admin:pipeline_workerbeat_changelist")


@pytest.fixture
def busy(owner: User, settings) -> JobStep:
    """A row that a process of service `a` works on; service `b` has nothing to do and has been silent for a minute."""
    settings.PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
    now = timezone.now()
    ledger.grant(user_id=owner.pk, credits=100, source=Source.GIFT, reason="", key="owner", at=now)
    WorkerBeat.objects.create(name="a:1:steps", queue="steps", host="host-a", processes=4, seen_at=now)
    WorkerBeat.objects.create(
        name="b:1:steps", queue="steps", host="host-b", is_draining=True, seen_at=now - timedelta(minutes=1)
    )
    row = JobStep.objects.get(job=start(owner, "one two"), step="script")
    engine.claim(row.pk, worker="a:1:steps/77")
    return row


def test_list_shows_every_service_and_its_work(staff_client: Client, busy: JobStep, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        shown = staff_client.get(LIST).content.decode()

    for words in ("host-a", "host-b", f"script  of {busy.job_id}", "60 s ago, takes no more work", "nothing"):
        assert words in shown


def test_work_of_another_service_whose_name_begins_alike_is_not_shown(busy: JobStep):
    WorkerBeat.objects.create(name="a:1", queue="steps", seen_at=timezone.now())
    WorkerBeat.objects.create(name="%", queue="steps", seen_at=timezone.now())

    works = {service.name: len(service.work) for service in services()}

    assert works == {"a:1:steps": 1, "b:1:steps": 0, "a:1": 0, "%": 0}


def test_service_that_fell_silent_over_an_hour_ago_is_shown_no_more(staff_client: Client, busy: JobStep):
    for name, age in (("late", timedelta(minutes=59)), ("gone", timedelta(minutes=61))):
        WorkerBeat.objects.create(name=f"{name}:1:steps", queue="steps", seen_at=timezone.now() - age)

    shown = staff_client.get(LIST).content.decode()

    assert [service.name for service in services()] == ["a:1:steps", "b:1:steps", "late:1:steps"]
    assert "late:1:steps" in shown
    assert "gone:1:steps" not in shown


def test_page_of_one_service_opens(staff_client: Client, busy: JobStep):
    page = staff_client.get(reverse("admin:pipeline_workerbeat_change", args=["a:1:steps"])).content.decode()

    assert str(busy.job_id) in page


def test_customers_are_sent_to_log_in(client: Client, busy: JobStep):
    client.force_login(busy.job.user)

    assert client.get(LIST).status_code == 302
