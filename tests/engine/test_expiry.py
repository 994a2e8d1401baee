"""Files of old videos go a week after their owner was told; the page, the money and the way to make it again stay."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import Mock

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import storages
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import Source
from apps.notifications.models import Notification
from apps.pipeline import expiry, left_files
from apps.pipeline.actions import NotPossible, delete_project, retry_video
from apps.pipeline.attempt_prices import price_of_retry
from apps.pipeline.erasure import names_in
from apps.pipeline.expiry import expire_files, expire_unfinished, tell_of_expiry
from apps.pipeline.models import Artifact, Asset, Job, JobStep, Project
from apps.pipeline.runner import fail_job
from canvascast.operations.orphans import orphans
from canvascast.storages import DurableStorage, StorageUnavailable
from tests.engine.conftest import start
from tests.engine.test_runner import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _days(settings):
    settings.ASSET_DAYS = 90


def made(owner, *, days_ago: float, prompt: str = "one two") -> Job:
    job = run(start(owner, prompt))
    Asset.objects.filter(job=job).update(created_at=timezone.now() - timedelta(days=days_ago))
    return job


def names_of(job: Job) -> list[str]:
    return list(Asset.objects.filter(job=job).values_list("storage_name", flat=True))


def kept(names: list[str]) -> list[str]:
    return [name for name in names if storages["generated-assets"].exists(name)]


def a_week_later() -> int:
    """As the clock does it."""
    expired = expire_files(at=timezone.now() + timedelta(days=8))
    left_files.delete_forgotten()
    return expired


def test_owner_is_told_a_week_before_and_only_once(trivial, owner):
    job = made(owner, days_ago=83.5)
    made(owner, days_ago=80, prompt="three four")

    assert [tell_of_expiry(at=timezone.now()) for _ in range(3)] == [1, 0, 0]

    told = Notification.objects.get(event="assets_expiring")
    last_day = (timezone.now() + timedelta(days=7)).date()
    assert told.facts == {
        "count": 1,
        "until": last_day.isoformat(),
        "title": told.facts["title"],
        "projectId": str(job.project_id),
    }
    assert Project.objects.get(pk=job.project_id).files_until == last_day


def test_several_of_one_day_are_one_mail(trivial, owner):
    for number in range(3):
        made(owner, days_ago=200, prompt=f"one two {number}")

    assert tell_of_expiry(at=timezone.now()) == 3

    assert [fact.facts["count"] for fact in Notification.objects.filter(event="assets_expiring")] == [3]


def test_nothing_goes_that_nobody_was_told_of(trivial, owner):
    names = names_of(made(owner, days_ago=300))

    assert expire_files(at=timezone.now()) == 0
    assert kept(names) == names


def test_nothing_goes_before_its_day(trivial, owner):
    made(owner, days_ago=300)
    tell_of_expiry(at=timezone.now())

    assert expire_files(at=timezone.now() + timedelta(days=6)) == 0


def test_files_go_and_the_page_the_words_and_the_money_stay(trivial, owner):
    job = made(owner, days_ago=85)
    names, charged = names_of(job), job.cost
    tell_of_expiry(at=timezone.now())

    assert [a_week_later(), a_week_later()] == [1, 0]

    job.refresh_from_db()
    assert kept(names) == []
    assert not Asset.objects.filter(job=job, expired_at__isnull=True).exists()
    assert (job.state, job.cost, job.brief["prompt"]) == ("READY", charged, "one two")
    assert Artifact.objects.filter(project=job.project, step="script").exclude(content="lost").exists()


def test_files_that_a_newer_video_needs_stay(trivial, owner):
    old = made(owner, days_ago=85)
    new = made(owner, days_ago=1)
    tell_of_expiry(at=timezone.now())

    assert a_week_later() == 1

    assert kept(names_of(new)) == names_of(new)
    assert not Asset.objects.filter(job=old, expired_at__isnull=True).exists()


def test_kept_for_ever_where_the_setting_says_so(trivial, owner, settings):
    made(owner, days_ago=1000)
    settings.ASSET_DAYS = 0

    assert (tell_of_expiry(at=timezone.now()), a_week_later()) == (0, 0)


def test_video_without_files_is_made_again_for_its_price(trivial, owner):
    job = made(owner, days_ago=85)
    tell_of_expiry(at=timezone.now())
    a_week_later()
    price = price_of_retry(job)

    again = run(retry_video(job=job, by=owner, at=timezone.now(), agreed_credits=price))

    assert (again.state, again.reserved, price > 0) == ("READY", price, True)
    assert kept(names_of(again)) == names_of(again) != []
    assert Project.objects.get(pk=job.project_id).files_until is None
    assert JobStep.objects.get(job=again, step="script", part="").reused


def test_video_with_its_files_is_not_made_again(trivial, owner):
    job = made(owner, days_ago=85)

    with pytest.raises(NotPossible, match="nothing to retry"):
        retry_video(job=job, by=owner, at=timezone.now())


def test_video_made_again_is_kept_as_long_as_a_new_one(trivial, owner):
    job = made(owner, days_ago=85)
    tell_of_expiry(at=timezone.now())
    retried = timezone.now()
    Asset.objects.filter(job=job).update(expired_at=retried)

    again = run(retry_video(job=job, by=owner, at=retried))

    assert a_week_later() == 0
    assert kept(names_of(again)) == names_of(again)


def test_video_that_is_being_made_again_loses_nothing(trivial, owner):
    job = made(owner, days_ago=85)
    tell_of_expiry(at=timezone.now())
    Asset.objects.filter(job=job, filename=Asset.objects.filter(job=job).first().filename).update(expired_at=None)
    Job.objects.create(project=job.project, user=owner, brief=job.brief)

    assert a_week_later() == 0


def test_mail_about_a_video_that_was_deleted_is_forgotten(trivial, owner):
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    job = made(owner, days_ago=85)
    tell_of_expiry(at=timezone.now())

    delete_project(project=job.project, by=owner, at=timezone.now())

    told = Notification.objects.get(event="assets_expiring")
    assert (told.state, told.facts) == ("DROPPED", {})


def test_prune_finds_what_could_not_be_deleted(trivial, owner, monkeypatch):
    job = made(owner, days_ago=85)
    names = names_of(job)
    tell_of_expiry(at=timezone.now())
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(DurableStorage, "delete", Mock(side_effect=StorageUnavailable))
        a_week_later()
    assert (kept(names), left_files.delete_forgotten()) == (names, 0)

    found = {orphan.name for orphan in orphans(timezone.now() + timedelta(days=3))}

    assert set(names) <= found


def test_api_says_when_the_files_go_and_when_they_went(trivial, owner, client):
    job = made(owner, days_ago=85)
    client.force_login(owner)
    assets = f"/api/v1/jobs/{job.pk}/assets"
    tell_of_expiry(at=timezone.now())
    last_day = Project.objects.get(pk=job.project_id).files_until
    assert client.get(assets).json()["keptUntil"] == last_day.isoformat()

    a_week_later()

    answer = client.get(assets).json()
    assert (answer["assets"], answer["manifest"]) == ([], None)
    assert answer["deletedAt"] is not None


def failed(owner) -> tuple[Job, list[str]]:
    """Let a video fail whose first part is made; return it with the names of what is stored of it."""
    job = run(start(owner, "one refused"))
    assert job.state == "FAILED"
    results = Artifact.objects.filter(project=job.project)
    return job, sorted(names_in((result.user_id, result.payload) for result in results))


def expired_unfinished(*, days: float) -> int:
    expired = expire_unfinished(at=timezone.now() + timedelta(days=days))
    left_files.delete_forgotten()
    return expired


def test_what_was_made_for_a_video_that_failed_goes_after_its_time_and_once(trivial, owner):
    _, names = failed(owner)
    assert kept(names) == names != []

    assert [expired_unfinished(days=days) for days in (89, 91, 91)] == [0, 1, 0]

    assert kept(names) == []
    assert not Notification.objects.filter(event="assets_expiring").exists()


def test_work_of_a_later_try_that_failed_too_goes_in_its_turn(trivial, owner):
    job, _ = failed(owner)
    assert expired_unfinished(days=91) == 1
    Project.objects.update(files_until=timezone.now() - timedelta(days=1))

    run(retry_video(job=job, by=owner, at=timezone.now()))

    assert [expired_unfinished(days=days) for days in (89, 91, 91)] == [0, 1, 0]


def test_unfinished_work_is_kept_for_ever_where_the_setting_says_so(trivial, owner, settings):
    failed(owner)
    settings.ASSET_DAYS = 0

    assert expired_unfinished(days=1000) == 0


def test_work_of_a_video_that_was_remade_in_vain_goes_too(trivial, owner):
    job = made(owner, days_ago=85)
    tell_of_expiry(at=timezone.now())
    a_week_later()
    Project.objects.update(files_until=timezone.now() - timedelta(days=1))
    retry = retry_video(job=job, by=owner, at=timezone.now())

    fail_job(retry.pk, failed_step="VOICE_GEN", code="internal", sentence="No.")

    assert [expired_unfinished(days=days) for days in (89, 91, 91)] == [0, 1, 0]


def test_everybody_is_told_and_the_oldest_first(trivial, owner, monkeypatch):
    stranger = User.objects.create_user("stranger@example.com")
    ledger.grant(user_id=stranger.pk, credits=9, source=Source.GIFT, reason="", key="stranger", at=timezone.now())
    made(owner, days_ago=85)
    made(stranger, days_ago=100)
    monkeypatch.setattr(expiry, "_BATCH", 1)

    assert tell_of_expiry(at=timezone.now(), seconds=0) == 1
    assert Notification.objects.get(event="assets_expiring").user == stranger
    assert tell_of_expiry(at=timezone.now()) == 1
