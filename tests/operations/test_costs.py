"""What videos cost and brought, by day, niche and provider."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import User
from apps.pipeline.models import Job, JobStep, Project, ProviderCall, StepAttempt
from apps.pipeline.models.provider_call import CallState
from apps.pipeline.states import JobState

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.now() - timedelta(days=1)


def video(*, niche: str, credits: int, ended: datetime, state: JobState = JobState.READY, **bills: int) -> None:
    """A video that charged `credits`, took 10 CPU seconds, and was billed in micro-dollars by each provider."""
    user = User.objects.first() or User.objects.create_user("owner@example.com")
    job = Job.objects.create(
        project=Project.objects.create(user=user), user=user, brief={"niche_preset": niche}, price=9, reserved=9
    )
    row = JobStep.objects.create(job=job, step="voice", ordinal=1, queue="steps", max_attempts=3)
    StepAttempt.objects.create(job_step=row, fence=1, worker="w", started_at=ended, cpu_seconds=10)
    for provider, micro_usd in bills.items():
        ProviderCall.objects.create(
            job_step=row,
            fence=1,
            capability="speaker",
            provider=provider,
            method="speak",
            idempotency_key=provider,
            state=CallState.OK,
            cost_micro_usd=micro_usd,
        )
    full = {"progress": 100} if state == JobState.READY else {}
    Job.objects.filter(pk=job.pk).update(state=state, cost=credits, finished_at=ended, **full)


def told(*options: str) -> list[dict]:
    out = StringIO()
    call_command("costs", "--json", *options, stdout=out)
    return json.loads(out.getvalue())["lines"]


def test_videos_of_a_niche_are_added_up():
    video(niche="facts", credits=2, ended=YESTERDAY, openai=120_000, gemini=30_000)
    video(niche="facts", credits=0, ended=YESTERDAY, state=JobState.FAILED, openai=50_000)
    video(niche="history", credits=3, ended=YESTERDAY)
    video(niche="facts", credits=9, ended=YESTERDAY - timedelta(days=40), openai=999_999)

    assert told("--by", "niche") == [
        {
            "group": "facts",
            "videos": 2,
            "ready": 1,
            "credits": 2,
            "calls": 3,
            "vendor_usd": 0.2,
            "cpu_seconds": 20.0,
            "margin_usd": pytest.approx(2 * 0.43 - 0.2),
        },
        {
            "group": "history",
            "videos": 1,
            "ready": 1,
            "credits": 3,
            "calls": 0,
            "vendor_usd": 0.0,
            "cpu_seconds": 10.0,
            "margin_usd": pytest.approx(3 * 0.43),
        },
    ]


def test_dearest_provider_comes_first_and_takes_no_credits():
    video(niche="facts", credits=2, ended=YESTERDAY, openai=120_000, gemini=30_000)
    video(niche="facts", credits=2, ended=YESTERDAY, gemini=200_000)

    assert [
        (line["group"], line["videos"], line["vendor_usd"], line["credits"]) for line in told("--by", "provider")
    ] == [
        ("gemini", 2, 0.23, None),
        ("openai", 1, 0.12, None),
    ]


def test_table_has_a_line_a_day():
    video(niche="facts", credits=2, ended=YESTERDAY, openai=125_000)
    out = StringIO()

    call_command("costs", stdout=out)

    assert [line.split() for line in out.getvalue().splitlines()[1:2]] == [
        [f"{YESTERDAY:%Y-%m-%d}", "1", "1", "2", "1", "0.12", "0.125", "10", "0.73"]
    ]


@pytest.mark.parametrize(("options", "code"), [(("--days", "0"), 2), ((), 3)])
def test_nothing_to_tell_is_said(options, code):
    with pytest.raises(CommandError) as refusal:
        call_command("costs", *options, stdout=StringIO())

    assert refusal.value.returncode == code
