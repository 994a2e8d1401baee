"""Programs are told of a video's end in the words of the status answer, in the transaction that ends it."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from apps.notifications.models import WebhookDelivery
from apps.notifications.webhooks.endpoints import create_endpoint
from apps.notifications.webhooks.messages import body_of
from apps.pipeline.actions import cancel_video, delete_project
from tests.engine.conftest import start
from tests.engine.test_runner import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _listening(owner):
    events = ["job.ready", "job.failed"]
    create_endpoint(user=owner, url="https://example.com/hook", events=events, at=timezone.now())


def test_program_hears_of_a_ready_video_what_the_status_says(trivial, owner, client):
    job = run(start(owner, "one two"))

    told = WebhookDelivery.objects.get()
    client.force_login(owner)
    status = client.get(f"/api/v1/jobs/{job.pk}/status").json()["job"]
    data = json.loads(body_of(told))["data"]
    assert (told.event, told.subject, told.payload["type"]) == ("job.ready", str(job.pk), "job.ready")
    assert {name: data[name] for name in ("projectId", "status", "creditsReserved", "creditsCharged", "errorCode")} == {
        name: status[name] for name in ("projectId", "status", "creditsReserved", "creditsCharged", "errorCode")
    }
    assert data["url"] == f"http://127.0.0.1:8000/app/videos/{job.project_id}"
    assert client.get(data["statusUrl"].removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert client.get(data["assetsUrl"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_program_hears_of_a_failed_video_why(trivial, owner, client):
    job = run(start(owner, "bug"))

    data = json.loads(body_of(WebhookDelivery.objects.get(event="job.failed")))["data"]
    client.force_login(owner)
    status = client.get(f"/api/v1/jobs/{job.pk}/status").json()["job"]
    assert data["status"] == "FAILED"
    assert (data["errorCode"], data["errorMessage"]) == (status["errorCode"], status["errorMessage"])
    assert "assetsUrl" not in data


def test_stopped_video_is_no_news_to_who_stopped_it(trivial, owner):
    job = start(owner, "one two")

    cancel_video(job_id=job.pk, by=owner, at=timezone.now())

    assert not WebhookDelivery.objects.exists()


def test_deleted_video_leaves_no_word_in_the_log(trivial, owner):
    job = run(start(owner, "one two"))

    delete_project(project=job.project, by=owner, at=timezone.now())

    assert not WebhookDelivery.objects.exists()
