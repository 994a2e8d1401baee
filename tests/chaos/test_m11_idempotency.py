"""M11: the same order many times at once, under one key, is one video and one reservation."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.billing import queries
from apps.billing.models import Kind, LedgerEntry
from apps.pipeline.models import Job
from tests.api.conftest import key_client, person
from tests.api.test_projects import ORDER
from tests.chaos.clients import storm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.goal("M11")]
FULL, SMALL = 200, 20


@pytest.fixture
def buyer(db, settings) -> User:
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "100000/min")
    return person("buyer@example.com", credits=1_000)


@pytest.mark.slow
def test_m11_identical_orders_are_one_full(buyer, scenario):
    with scenario("M11", "identical orders", size="full") as scene:
        scene.note(**order_at_once(buyer, FULL, clients=50))


@pytest.mark.small
def test_m11_identical_orders_are_one_small(buyer, scenario):
    with scenario("M11", "identical orders", size="small") as scene:
        scene.note(**order_at_once(buyer, SMALL, clients=10))


def order_at_once(buyer: User, posts: int, *, clients: int) -> dict[str, float]:
    """Post the same order under one key; then another under the same key. Returns the figures."""
    client = key_client(buyer)

    stormed = storm(lambda body: post(client, body), [ORDER] * posts, clients=clients)
    other = post(client, {**ORDER, "targetMinutes": 3})

    job = Job.objects.get()
    said = {"projectId": str(job.project_id), "jobId": str(job.pk)}
    assert Counter((status, str(answer)) for status, answer in stormed.returned()) == {(201, str(said)): posts}
    assert (other[0], other[1]["code"]) == (409, "CONFLICT")
    assert LedgerEntry.objects.filter(user=buyer, kind=Kind.RESERVE).count() == 1
    assert queries.balance(buyer.pk).held == 2
    return {"orders": posts, "clients": clients, "jobs": 1, "reserves": 1, "storm_seconds": round(stormed.seconds, 1)}


def post(client: Client, body: dict) -> tuple[int, dict]:
    headers = {"Idempotency-Key": "m11"}
    answer = client.post("/api/v1/projects", body, "application/json", headers=headers)
    return answer.status_code, answer.json()
