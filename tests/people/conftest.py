"""A person with something in every table and every storage, each word of theirs a canary."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from apps.accounts.models import ApiKey, DataExport, Profile, User
from apps.billing import ledger
from apps.billing.models import Source
from apps.drafts.models import DraftPrompt
from apps.notifications.models import (
    MailEvent,
    Notification,
    NotificationPreference,
    SuppressedMailbox,
    WebhookDelivery,
    WebhookEndpoint,
)
from apps.pipeline.models import (
    Artifact,
    Asset,
    Job,
    JobStep,
    Project,
    ShareLink,
    StepAttempt,
    VoiceProfile,
    VoiceSample,
)
from apps.pipeline.states import JobState

CANARY = "canary"


@pytest.fixture(autouse=True)
def own_storages(settings, tmp_path: Path):
    def folder(name: str) -> dict:
        options = {"location": tmp_path / name, "allow_overwrite": True}
        return {"BACKEND": "canvascast.storages.DurableStorage", "OPTIONS": options}

    names = ("default", "generated-assets", "voice-samples", "temp-processing")
    settings.STORAGES = {**settings.STORAGES, **{name: folder(name) for name in names}}
    return tmp_path


@pytest.fixture
def person(db) -> User:
    return make_person("canary@example.com")


def make_person(email: str) -> User:
    user = User.objects.create_user(email, "canary-password")
    now = timezone.now()
    _add_account(user, now)
    _add_video(user, now)
    DraftPrompt.objects.create(user=user, claimed_at=now, token_hash="", prompt="canary prompt", expires_at=now)
    _add_news(user, now)
    return user


def _add_news(user: User, now) -> None:
    fact = Notification.objects.create(user=user, event="welcome", key="", facts={"title": "canary title"})
    NotificationPreference.objects.create(user=user)
    for number, notification in enumerate((fact, None)):
        MailEvent.objects.create(
            event_id=f"{user.pk} {number}",
            kind="bounced",
            recipient=user.email,
            notification=notification,
            detail="canary bounced",
            happened_at=now,
        )
    SuppressedMailbox.objects.create(address=user.email, reason="bounced", since=now)
    endpoint = WebhookEndpoint.objects.create(
        user=user, url="https://canary.example.com/", events=["job.ready"], secret=f"canary-secret {user.pk}"
    )
    WebhookDelivery.objects.create(
        endpoint=endpoint, message_id="m", event="job.ready", subject="s", payload={"title": "canary title"}
    )


def _add_account(user: User, now) -> None:
    Profile.objects.update_or_create(
        user=user, defaults={"display_name": "Canary", "avatar": f"avatars/{user.pk}.webp"}
    )
    storages["default"].save(f"avatars/{user.pk}.webp", ContentFile(b"canary avatar"))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    SocialAccount.objects.create(user=user, provider="google", uid=f"canary-{user.pk}", extra_data={"name": "canary"})
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"note": "canary-of-mfa"})
    UserSession.objects.create(user=user, ip="192.0.2.7", session_key=user.pk.hex, user_agent="canary browser")
    digest = hashlib.sha256(user.pk.bytes).hexdigest()
    ApiKey.objects.create(user=user, name="canary key", prefix="cc_abc", key_hash=digest)
    name = storages["default"].save(f"exports/{user.pk}.zip", ContentFile(b"canary export"))
    DataExport.objects.create(user=user, state="ready", storage_name=name, expires_at=now)


def _add_video(user: User, now) -> None:
    project = Project.objects.create(user=user, title="canary title")
    ShareLink.objects.create(project=project, user=user, token=secrets.token_urlsafe(24))
    brief = {"prompt": "canary prompt", "language": "en"}
    job = Job.objects.create(project=project, user=user, brief=brief)
    film = b"canary film"
    blob = {"sha256": hashlib.sha256(film).hexdigest(), "size_bytes": len(film), "suffix": ".mp4"}
    name = f"{user.pk}/{blob['sha256'][:2]}/{blob['sha256']}.mp4"
    storages["generated-assets"].save(name, ContentFile(film))
    Artifact.objects.create(
        user=user,
        project=project,
        key="k",
        content="c",
        step="script",
        schema_version=1,
        payload={"words": "canary script", "film": blob},
    )
    step = JobStep.objects.create(job=job, step="script", ordinal=1, request={"prompt": "canary prompt"})
    StepAttempt.objects.create(
        job_step=step, fence=1, span_id="s", worker="w", started_at=now, detail="canary detail", outcome="done"
    )
    for filename in ("video.mp4", "assets.zip"):
        Asset.objects.create(
            job=job, kind="video", filename=filename, storage_name=name, sha256=blob["sha256"], size_bytes=len(film)
        )
    ledger.grant(user_id=user.pk, credits=10, source=Source.GIFT, reason="gift", key=f"test:{user.pk}", at=now)
    ledger.reserve(user_id=user.pk, job_id=job.pk, project_id=project.pk, title="canary title", credits=4, at=now)
    ledger.release(job_id=job.pk, at=now)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.FAILED, finished_at=now, error_code="vendor_refused", error_message="canary error"
    )
    voice = VoiceProfile.objects.create(user=user, name="canary voice", consented_at=now)
    sample = storages["voice-samples"].save(f"{user.pk}/{voice.pk}/sample.wav", ContentFile(b"canary sound"))
    VoiceSample.objects.create(profile=voice, storage_name=sample, sha256="a", size_bytes=12, duration_ms=900)
