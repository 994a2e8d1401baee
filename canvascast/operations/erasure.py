"""A user's erasure: what is personal goes, what counts money and time stays under a name that tells nothing.

Each part is a transaction of its own and may be repeated: an erasure that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage, storages
from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import ApiKey, DataExport, Profile, User
from apps.billing import ledger
from apps.billing.payments.erasing import forget_payments
from apps.drafts.models import DraftPrompt
from apps.notifications.mail_log import forget_mailboxes
from apps.notifications.models import Notification, NotificationPreference
from apps.notifications.webhooks import endpoints as webhooks
from apps.pipeline import actions, voice_profiles
from apps.pipeline.models import Asset, Job, Project, VoiceProfile, VoiceSample
from apps.pipeline.states import OPEN
from apps.pipeline.voice_previews import samples_folder
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind
from canvascast.logs import get_logger
from canvascast.operations.stored_files import delete_folder

ERASED_DOMAIN = "@erased.invalid"
log = get_logger("operations")


@dataclass(frozen=True)
class ErasurePlan:
    """What an erasure takes away, counted. Jobs and ledger entries stay, without their words."""

    open_jobs: int
    projects: int
    files: int
    drafts: int
    voice_profiles: int
    api_keys: int
    sessions: int
    addresses: int


def plan_erasure(user: User) -> ErasurePlan:
    """Count what `erase_user` would take away; changes nothing."""
    return ErasurePlan(
        open_jobs=Job.objects.filter(user=user, state__in=OPEN).count(),
        projects=Project.objects.filter(user=user, deleted_at__isnull=True).count(),
        files=Asset.objects.filter(job__user=user, expired_at__isnull=True).count(),
        drafts=DraftPrompt.objects.filter(user=user).count(),
        voice_profiles=VoiceProfile.objects.filter(user=user).count(),
        api_keys=ApiKey.objects.filter(user=user, revoked_at__isnull=True).count(),
        sessions=UserSession.objects.filter(user=user).count(),
        addresses=EmailAddress.objects.filter(user=user).count(),
    )


def erase_user(*, user: User, at: datetime) -> None:
    """Take away everything personal; an erased user is left as they are."""
    if is_erased(user):
        return
    for part in _PARTS:
        part(user, at)
    log.info("erased", userId=str(user.pk))


def is_erased(user: User) -> bool:
    """Tell whether the user's erasure was completed."""
    return user.email.endswith(ERASED_DOMAIN)


def unfinished_erasures() -> QuerySet[User]:
    """Return the users whose erasure was asked for or began, and is not completed."""
    return User.objects.filter(profile__erased_at__isnull=False).exclude(email__endswith=ERASED_DOMAIN)


def begin_erasures(user_ids: Iterable[UUID], *, at: datetime) -> int:
    """Mark those of the users who are not erased as being so; workers go on from there. Returns how many.

    For accounts that a restored backup brought back.
    """
    number = 0
    for user in User.objects.filter(pk__in=list(user_ids)).exclude(email__endswith=ERASED_DOMAIN):
        Profile.objects.get_or_create(user=user, defaults={"created_at": at})
        number += Profile.objects.filter(user=user, erased_at__isnull=True).update(erased_at=at)
    return number


@transaction.atomic
def _close_account(user: User, at: datetime) -> None:
    Profile.objects.get_or_create(user=user, defaults={"created_at": at})
    Profile.objects.filter(user=user, erased_at__isnull=True).update(erased_at=at)
    user.is_active = False
    user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "is_staff", "is_superuser", "password"])
    ApiKey.objects.filter(user=user).update(name="")
    ApiKey.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)
    for session in UserSession.objects.filter(user=user):
        session.end()


def _erase_projects(user: User, at: datetime) -> None:
    for project in Project.objects.filter(user=user, deleted_at__isnull=True):
        actions.delete_project(project=project, by=user, at=at)


def _erase_files(user: User, at: datetime) -> None:
    """Whole folders, so that files go too of which no row tells any more."""
    delete_folder(storages["generated-assets"], str(user.pk))
    delete_folder(storages["voice-samples"], str(user.pk))
    delete_folder(storages["temp-processing"], samples_folder(user.pk))
    VoiceSample.objects.filter(profile__user=user).delete()
    for name in DataExport.objects.filter(user=user).exclude(storage_name="").values_list("storage_name", flat=True):
        default_storage.delete(name)
    DataExport.objects.filter(user=user).delete()
    for name in Profile.objects.filter(user=user).exclude(avatar="").values_list("avatar", flat=True):
        default_storage.delete(name)


@transaction.atomic
def _erase_words(user: User, at: datetime) -> None:
    ledger.forget_titles(user_id=user.pk)
    forget_payments(user=user)
    DraftPrompt.objects.filter(user=user).delete()
    Notification.objects.filter(user=user).delete()
    NotificationPreference.objects.filter(user=user).delete()
    webhooks.delete_endpoints(user=user)
    LogEntry.objects.filter(object_id=str(user.pk)).update(object_repr="erased")
    voice_profiles.forget_voices(user=user, at=at)
    Profile.objects.filter(user=user).update(display_name="", avatar="", time_zone="UTC")


@transaction.atomic
def _erase_identity(user: User, at: datetime) -> None:
    """Last, for it is what tells a completed erasure from an interrupted one."""
    addresses = [user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)]
    for model in (EmailAddress, SocialAccount, Authenticator, UserSession):
        model.objects.filter(user=user).delete()
    user.email = f"erased-{user.pk}{ERASED_DOMAIN}"
    user.last_login = None
    user.save(update_fields=["email", "last_login"])
    forget_mailboxes(addresses)
    funnel.record(FactKind.ACCOUNT_ERASED, about=user.pk, at=at)


_PARTS: tuple[Callable[[User, datetime], None], ...] = (
    _close_account,
    _erase_projects,
    _erase_files,
    _erase_words,
    _erase_identity,
)
