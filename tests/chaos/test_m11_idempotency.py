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

pytestmark = pytest.mark.django_db(transaction=True)
FULL, SMALL = 200, 20


@pytest.fixture
def buyer(db, settings) -> User:
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "100000/min")
    return person("buyer@example.com", credits=1_000)


@pytest.mark.slow
def test_m11_identical_orders_are_one(buyer, figure):
    figure(order_at_once(buyer, FULL, clients=50))


def test_m11_small_identical_orders_are_one(buyer):
    order_at_once(buyer, SMALL, clients=10)


def order_at_once(buyer: User, posts: int, *, clients: int) -> str:
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
    return f"M11 {posts} identical orders, {clients} clients: 1 job, 1 RESERVE, {stormed.seconds:.1f} s"


def post(client: Client, body: dict) -> tuple[int, dict]:
    headers = {"Idempotency-Key": "m11"}
    answer = client.post("/api/v1/projects", body, "application/json", headers=headers)
    return answer.status_code, answer.json()
