"""`manage.py seed_demo`: something to look at, made once, and nothing where it does not belong."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.models import User
from apps.billing.models import LedgerEntry
from apps.pipeline.models import Job
from apps.pipeline.states import JobState
from canvascast.operations import demo
from tests.engine.conftest import trivial
from tests.workers import running_worker
from tests.workplace import opened_workplace

__all__ = ["trivial"]

EMAIL = "shown@example.com"


def refused(**options: object) -> str:
    users = User.objects.count()
    with pytest.raises(CommandError) as error:
        call_command("seed_demo", **options)
    assert error.value.returncode == 2
    assert (User.objects.count(), LedgerEntry.objects.count(), Job.objects.count()) == (users, 0, 0)
    return str(error.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "This is no development site: --in-production asks for a demo among customers."),
        ({"in_production": True}, "The code to log in goes by mail here: name an address of yours with --email."),
        ({"in_production": True, "email": "nobody"}, "“nobody” is not an e-mail address."),
    ],
)
def test_demo_among_customers_has_to_be_asked_for(options, sentence):
    assert refused(**options) == sentence


@pytest.mark.django_db
def test_account_of_somebody_is_no_demo():
    User.objects.create_user(EMAIL)

    assert refused(in_production=True, email=EMAIL.upper()).startswith("There is an account SHOWN@EXAMPLE.COM already")


@pytest.mark.django_db
def test_vendors_are_not_paid_for_a_demo(settings):
    settings.PROVIDERS = {**settings.PROVIDERS, "painter": "gemini"}

    assert refused(in_production=True, email=EMAIL).startswith("Vendors are set up here, who would be paid")


def seeded() -> dict[str, object]:
    printed = StringIO()
    call_command("seed_demo", in_production=True, email=EMAIL, json=True, stdout=printed)
    return json.loads(printed.getvalue())


@pytest.mark.slow  # a worker service
@pytest.mark.django_db(transaction=True)
def test_demo_is_made_once(trivial, monkeypatch, tmp_path: Path):
    # A worker that stops in time cannot be relied on with steps of no length.
    monkeypatch.setattr(demo, "_has_spoken", lambda job: True)
    with running_worker(tmp_path, "tests.engine.settings_trivial"):
        first = seeded()
        rows = LedgerEntry.objects.count(), Job.objects.count()
        second = seeded()

    assert second == first
    assert (LedgerEntry.objects.count(), Job.objects.count()) == rows
    assert [video["state"] for video in first["videos"][:3]] == ["READY"] * 3
    assert first["login"].endswith("/accounts/login/")
    assert EmailAddress.objects.get(email=EMAIL).verified


@pytest.mark.slow  # as above
@pytest.mark.django_db(transaction=True)
def test_demo_that_was_interrupted_is_made_to_its_end(trivial, monkeypatch, tmp_path: Path):
    def interrupted(job: Job, worker: object) -> Job:
        raise KeyboardInterrupt

    with running_worker(tmp_path, "tests.engine.settings_trivial"):
        with monkeypatch.context() as patched:
            patched.setattr(demo, "follow", interrupted)
            with pytest.raises(KeyboardInterrupt):
                seeded()
        assert not Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()
        videos = seeded()["videos"]

    assert [video["state"] for video in videos[:3]] == ["READY"] * 3


@pytest.mark.slow  # three real films
@pytest.mark.timeout(400)
def test_real_demo_has_films_that_play_and_one_that_was_stopped(tmp_path: Path):
    with opened_workplace(tmp_path) as place:
        made = place.run("seed_demo")
        states = place.query("SELECT state FROM jobs ORDER BY created_at")
        films = place.query("SELECT count(*) FROM assets WHERE filename = 'video.mp4'")
        differences = place.run("reconcile", "--deep")

    assert made.returncode == 0, made.stderr[-2000:]
    assert [state for (state,) in states] == ["READY", "READY", "READY", "CANCELED"]
    assert films == [(3,)]
    assert differences.returncode == 0, differences.stdout
    assert "demo@example.com has 22 credits left and these videos:\n  ready     What makes it tick\n" in made.stdout
    assert "/accounts/login/ as demo@example.com with a code; it lies in http" in made.stdout
