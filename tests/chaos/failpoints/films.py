"""Flows of videos: ordered by a program, made by the three small steps, stopped, tried again, deleted."""

from __future__ import annotations

import itertools
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.billing.queries import balance
from apps.pipeline.models import Job, ProviderCall
from tests.chaos.failpoints.stage import Flow, Memory, Outside, work

_numbers = itertools.count(1)
_ORDER = {"nichePreset": "facts", "targetMinutes": 2}


def arrive(memory: Memory) -> None:
    """Somebody with ten credits and a program that orders for them."""
    user = User.objects.create_user(f"{uuid4().hex[:12]}@example.com")
    ledger.grant(user_id=user.pk, credits=10, source=Source.GIFT, reason="", key=str(user.pk), at=timezone.now())
    _, secret = create_key(user=user, name="program", at=timezone.now())
    memory |= {"user": str(user.pk), "secret": secret, "key": str(uuid4())}


def program(memory: Memory) -> Client:
    return Client(headers={"Authorization": f"Bearer {memory['secret']}"})


def post(memory: Memory, path: str, body: dict, *expected: int, **headers: str) -> dict:
    """Ask as a program; an outage is asked again by whoever calls."""
    answer = program(memory).post(f"/api/v1{path}", body, "application/json", headers=headers)
    assert answer.status_code in expected, (answer.status_code, answer.content[:300])
    return answer.json()


def order(prompt: str):
    def order(memory: Memory) -> None:
        body = {**_ORDER, "promptText": prompt}
        memory["job"] = post(memory, "/projects", body, 201, **{"Idempotency-Key": memory["key"]})["jobId"]

    return order


def ready(memory: Memory) -> None:
    """One job, ready, charged once, every row done."""
    (job,) = Job.objects.filter(user_id=memory["user"])
    assert (job.state, job.cost) == ("READY", 1), (job.state, job.error_code, job.cost)
    found = balance(job.user_id)
    assert (found.available, found.held) == (9, 0)
    assert not ProviderCall.objects.filter(job_step__job=job, state="intent").exists()


MADE = Flow("a video is ordered and made", (Outside(arrive), order("one two three"), work), ready)
