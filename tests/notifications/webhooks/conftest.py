from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from apps.notifications.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from apps.notifications.webhooks.endpoints import create_endpoint, record
from tests.notifications.conftest import reachable
from tests.notifications.webhooks.receiver import Program, program


@pytest.fixture(autouse=True)
def _local(settings):
    settings.WEBHOOKS_MAY_BE_LOCAL = True


@pytest.fixture
def hook() -> Iterator[Program]:
    with program() as running:
        yield running


@pytest.fixture
def user(db):
    return reachable("ada@example.com")


def listen(user, url: str, *events: str) -> WebhookEndpoint:
    chosen = events or ("job.ready", "job.failed")
    return create_endpoint(user=user, url=url, events=chosen, at=timezone.now()).endpoint


def happen(user, event: WebhookEvent = WebhookEvent.JOB_READY, subject: str = "") -> WebhookDelivery:
    """Note a fact as a video's end does, and return its delivery to the newest address."""
    subject = subject or str(uuid4())
    data = {"jobId": subject, "projectId": subject, "title": "Füße"}
    with transaction.atomic():
        record(user_id=user.pk, event=event, subject=subject, data=data, at=timezone.now())
    return WebhookDelivery.objects.filter(subject=subject).latest("endpoint__created_at")


def fate(delivery: WebhookDelivery) -> tuple[str, str, int, int | None]:
    delivery.refresh_from_db()
    return delivery.state, delivery.reason, delivery.tries, delivery.answer_status


def make_due(delivery: WebhookDelivery) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=long_ago)
    WebhookDelivery.objects.filter(pk=delivery.pk, state="SENDING").update(lease_until=long_ago)
