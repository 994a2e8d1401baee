from __future__ import annotations

import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.models import Job, JobStep, Project, ProviderCall, StepAttempt
from apps.pipeline.states import JobState, StepState


@pytest.fixture
def staff(db) -> User:
    member = User.objects.create_superuser("staff@example.com")
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={})
    return member


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def staff_client(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def failed_job(owner: User) -> Job:
    return make_failed_job(owner)


def make_failed_job(owner: User, **fields: object) -> Job:
    project = Project.objects.create(user=owner, title="Why cats purr")
    facts = {"price": 12, "reserved": 12, "cost": 4, "brief": {"prompt": "why cats purr", "language": "en"}}
    ended = {"state": JobState.FAILED, "finished_at": timezone.now(), "error_code": "vendor_refused"}
    job = Job.objects.create(project=project, user=owner, **(facts | ended | fields))
    step = JobStep.objects.create(
        job=job, step="images", part="scene_1", ordinal=1, state=StepState.FAILED, error_code="vendor_refused"
    )
    for fence in (1, 2):
        StepAttempt.objects.create(
            job_step=step, fence=fence, span_id="a" * 16, worker="w1", started_at=timezone.now(), outcome="retried"
        )
    ProviderCall.objects.create(
        job_step=step,
        fence=1,
        capability="painter",
        provider="gemini",
        method="paint",
        idempotency_key=uuid.uuid4().hex,
        state="ok",
        units=1,
        cost_micro_usd=39_000,
        span_id="b" * 16,
    )
    return job
