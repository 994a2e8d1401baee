"""Which rows and files are a person's own. The columns are named one by one: no hash, key or token is among them.

The one exception are the addresses under which they share videos, which they gave out themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.files.storage import Storage, storages
from django.db.models import Model, QuerySet

from apps.accounts.models import ApiKey, Profile, User
from apps.billing.models import Checkout, CreditLot, LedgerEntry, Payment, Subscription
from apps.drafts.models import DraftPrompt
from apps.notifications.models import Notification, NotificationPreference, WebhookDelivery, WebhookEndpoint
from apps.notifications.queries import mail_events_of, suppressions_of
from apps.pipeline.blobs import blobs_in, storage_name
from apps.pipeline.contracts import Blob
from apps.pipeline.models import Artifact, Asset, Job, Project, VoiceProfile, VoiceSample
from apps.pipeline.packaging.names import ARCHIVE
from apps.pipeline.sharing import links_of_user
from canvascast.funnel.queries import facts_of

Rows = Iterable[dict[str, Any]]  # Any: column values


@dataclass(frozen=True)
class StoredFile:
    """A file and its path in the zip."""

    storage: Storage
    name: str
    path: str


def rows_of(user: User) -> dict[str, Rows]:
    """Return the user's rows by the name of their part of the export; each is read when it is gone through."""
    rows: dict[str, Rows] = {
        name: _values(model, columns, **{owner: user.pk}) for name, model, owner, columns in _TABLES
    }
    rows["mail_events"] = _columns(mail_events_of(user), ("kind", "recipient", "detail", "happened_at", "created_at"))
    rows["stopped_mailboxes"] = _columns(suppressions_of(user), ("address", "reason", "since"))
    rows["steps_taken"] = facts_of(user.pk)
    rows["share_links"] = links_of_user(user)
    rows["scripts"] = _values(Artifact, ("id", "project_id", "created_at", "payload"), user=user.pk, step="script")
    return rows


def stored_files_of(user: User) -> Iterator[StoredFile]:
    """Yield the files of finished videos, what they were ordered with, voice samples and the avatar.

    The package zips repeat the other files.
    """
    assets = Asset.objects.filter(job__user=user, expired_at__isnull=True).exclude(filename=ARCHIVE)
    for asset in assets.order_by("job_id", "filename").iterator():
        yield StoredFile(storages["generated-assets"], asset.storage_name, f"videos/{asset.job_id}/{asset.filename}")
    yield from _uploads_of(user)
    for sample in VoiceSample.objects.filter(profile__user=user).iterator():
        yield StoredFile(storages["voice-samples"], sample.storage_name, f"voices/{sample.profile_id}/{sample.pk}.wav")
    for avatar in Profile.objects.filter(user=user).exclude(avatar="").values_list("avatar", flat=True):
        yield StoredFile(storages["default"], avatar, "avatar.webp")


def _uploads_of(user: User) -> Iterator[StoredFile]:
    """Yield each file that videos were ordered with, a reading or a picture, once, by the hash that names it in `jobs`.

    Another try and a change of a video are ordered with the same one.
    """
    blobs: dict[Blob, None] = {}
    for brief in Job.objects.filter(user=user).order_by("created_at", "pk").values_list("brief", flat=True).iterator():
        blobs |= dict.fromkeys(blobs_in(brief))
    for blob in blobs:
        path = f"uploads/{blob.sha256}{blob.suffix}"
        yield StoredFile(storages["generated-assets"], storage_name(user.pk, blob), path)


_TABLES: tuple[tuple[str, type[Model], str, tuple[str, ...]], ...] = (
    ("account", User, "pk", ("id", "email", "is_active", "created_at", "last_login")),
    ("profile", Profile, "user", ("display_name", "time_zone", "welcomed_at", "created_at")),
    ("addresses", EmailAddress, "user", ("email", "verified", "primary")),
    ("connected_accounts", SocialAccount, "user", ("provider", "uid", "last_login", "date_joined", "extra_data")),
    ("second_factors", Authenticator, "user", ("type", "created_at", "last_used_at")),
    ("sessions", UserSession, "user", ("ip", "user_agent", "created_at", "last_seen_at")),
    ("api_keys", ApiKey, "user", ("id", "name", "prefix", "created_at", "last_used_at", "revoked_at")),
    (
        "drafts",
        DraftPrompt,
        "user",
        ("id", "prompt", "transcript", "options", "created_at", "claimed_at", "ordered_at"),
    ),
    ("projects", Project, "user", ("id", "title", "created_at", "deleted_at")),
    (
        "jobs",
        Job,
        "user",
        ("id", "project_id", "brief", "state", "error_code", "error_message", "cost", "created_at", "finished_at"),
    ),
    (
        "credits",
        LedgerEntry,
        "user",
        ("seq", "kind", "d_available", "d_held", "d_debt", "job_id", "title", "reason", "created_at"),
    ),
    ("credit_lots", CreditLot, "user", ("source", "credits", "remaining", "expires_at", "created_at")),
    ("payments", Payment, "user", ("id", "item", "credits", "cents", "currency", "receipt_url", "paid_at")),
    ("subscriptions", Subscription, "user", ("id", "plan", "status", "period_ends_at", "ends_at", "started_at")),
    ("checkouts", Checkout, "user", ("id", "item", "credits", "cents", "state", "created_at")),
    ("voice_profiles", VoiceProfile, "user", ("id", "name", "language", "state", "consented_at", "created_at")),
    ("voice_samples", VoiceSample, "profile__user", ("id", "profile_id", "duration_ms", "size_bytes", "created_at")),
    ("notifications", Notification, "user", ("event", "facts", "created_at", "sent_at")),
    (
        "notification_preferences",
        NotificationPreference,
        "user",
        (
            "video_ready",
            "video_failed",
            "low_credits",
            "credits_depleted",
            "subscription_expiring",
            "assets_expiring",
            "webhook_paused",
            "marketing",
            "updated_at",
        ),
    ),
    ("webhooks", WebhookEndpoint, "user", ("id", "url", "events", "is_active", "created_at")),
    (
        "webhook_deliveries",
        WebhookDelivery,
        "endpoint__user",
        ("id", "endpoint_id", "message_id", "event", "payload", "state", "answer_status", "created_at"),
    ),
)


def _values(model: type[Model], columns: tuple[str, ...], **owner: object) -> Rows:
    return _columns(model._default_manager.filter(**owner), columns)


def _columns(rows: QuerySet[Any], columns: tuple[str, ...]) -> Rows:  # Any: a model
    order = next((column for column in ("seq", "created_at") if column in columns), "pk")
    return rows.order_by(order, "pk").values(*columns).iterator()
