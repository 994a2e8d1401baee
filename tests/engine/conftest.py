from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.pipeline.contracts import Brief, VoiceChoice
from apps.pipeline.models import Job


@pytest.fixture
def trivial(settings, tmp_path: Path):
    """The trivial pipeline instead of the product's, with its files in a folder of this test."""
    settings.PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.STORAGES = {
        **settings.STORAGES,
        "generated-assets": {
            "BACKEND": "canvascast.storages.DurableStorage",
            "OPTIONS": {"location": tmp_path / "storage" / "generated-assets", "allow_overwrite": True},
        },
    }
    return settings


@pytest.fixture
def sketched(trivial):
    """The product's script, voice, plan and pictures, of which nothing is spoken or drawn."""
    trivial.PIPELINE_STEPS = "tests.engine.sketched_steps.STEPS"
    return trivial


@pytest.fixture
def owner(db) -> User:
    user = User.objects.create_user("owner@example.com")
    ledger.grant(user_id=user.pk, credits=1000, source=Source.GIFT, reason="", key="owner", at=timezone.now())
    return user


def brief(prompt: str) -> Brief:
    return Brief(
        prompt=prompt,
        niche_preset="facts",
        target_minutes=1.0,
        transcript_mode="auto",
        transcript_text="",
        language="en",
        shape="16:9",
        seed=1,
        pace="normal",
        voice=VoiceChoice(provider="espeak", voice_id="en"),
    )


def start(owner: User, prompt: str) -> Job:
    return start_brief(owner, brief(prompt))


def start_brief(owner: User, asked: Brief) -> Job:
    """Start a video as `start_video` does, from a Brief that need not be one that an order leads to."""
    from apps.pipeline import actions

    with transaction.atomic():
        actions._lock_user(owner)
        return actions._start_project(asked, owner, at=timezone.now(), asked=actions._ONCE)


@contextmanager
def database_away(seconds: float) -> Iterator[None]:
    """Refuse every statement of this thread for a while, as a server that restarts does."""
    back_at = time.monotonic() + seconds

    def refuse(execute, sql, params, many, context):
        if time.monotonic() < back_at:
            raise OperationalError("the database system is starting up")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield
