"""Writes about users; imports no other app."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from apps.accounts.models import ApiKey, DataExport, Profile, User
from canvascast import hints

OPERATOR_EMAIL = "operator@localhost"
EXPORT_KEPT_FOR = timedelta(days=7)
UNCONFIRMED_KEPT_FOR = timedelta(days=7)
EXPORT_TASK = "canvascast.operations.tasks.export_user"
ERASE_TASK = "canvascast.operations.tasks.erase_user"


@dataclass(frozen=True)
class ProfileChanges:
    """What the profile form sets. `avatar` is a WebP picture; None leaves the one that is there."""

    display_name: str
    time_zone: str
    avatar: bytes | None = None
    removes_avatar: bool = False


def operator_account() -> User:
    """Return the user that owns what is made from the command line; it cannot log in."""
    user, created = User.objects.get_or_create(email=OPERATOR_EMAIL)
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


@transaction.atomic
def make_staff(*, email: str) -> User:
    """Return the user of that address as staff with all permissions, made if missing, able to log in by code."""
    user = account_of(email=email)
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True, is_active=True)
    user.refresh_from_db()
    return user


@transaction.atomic
def account_of(*, email: str) -> User:
    """Return the user of that address, made if missing, able to log in by code: whoever calls vouches for it."""
    user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email.lower())
    EmailAddress.objects.filter(user=user).exclude(email__iexact=email).update(primary=False)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
    return user


def change_profile(*, user: User, changes: ProfileChanges, at: datetime) -> Profile:
    """Store what the user tells about themselves; the picture they had before is deleted after the change holds."""
    name = _stored_avatar(changes.avatar, at) if changes.avatar else ""
    with transaction.atomic():
        profile, _ = Profile.objects.select_for_update().get_or_create(user=user, defaults={"created_at": at})
        old = profile.avatar if name or changes.removes_avatar else ""
        profile.display_name = changes.display_name
        profile.time_zone = changes.time_zone
        profile.avatar = name or ("" if changes.removes_avatar else profile.avatar)
        profile.save(update_fields=["display_name", "time_zone", "avatar"])
        if old:
            transaction.on_commit(lambda: default_storage.delete(old))
    return profile


def mark_welcomed(*, user: User, at: datetime) -> None:
    """Note that the user saw the welcome page; only the first time counts."""
    Profile.objects.get_or_create(user=user, defaults={"created_at": at})
    Profile.objects.filter(user=user, welcomed_at__isnull=True).update(welcomed_at=at)


@transaction.atomic
def start_export(*, user: User, at: datetime) -> DataExport:
    """Ask for a zip of everything about the user; while one is being made, return that one."""
    User.objects.select_for_update().get(pk=user.pk)
    pending = DataExport.objects.filter(user=user, state=DataExport.State.PENDING).first()
    if pending:
        return pending
    export = DataExport.objects.create(user=user, created_at=at, expires_at=at + EXPORT_KEPT_FOR)
    hints.send(EXPORT_TASK, str(export.pk), queue=hints.QUICK)
    return export


@transaction.atomic
def close_account(*, user: User, at: datetime) -> None:
    """End the account at once: no login, no session, no key works any more. Its erasure is queued."""
    Profile.objects.get_or_create(user=user, defaults={"created_at": at})
    # The mark by which the clock takes up an erasure that the queue has lost.
    Profile.objects.filter(user=user, erased_at__isnull=True).update(erased_at=at)
    User.objects.filter(pk=user.pk).update(is_active=False)
    ApiKey.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)
    for session in UserSession.objects.filter(user=user):
        session.end()
    hints.send(ERASE_TASK, str(user.pk), queue=hints.QUICK)


def _stored_avatar(picture: bytes, at: datetime) -> str:
    return default_storage.save(f"avatars/{at:%Y/%m}/{uuid.uuid4().hex}.webp", ContentFile(picture))
