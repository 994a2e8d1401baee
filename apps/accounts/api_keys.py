"""Keys for programs: shown once, stored as SHA-256, found by it."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import ApiKey, User
from canvascast.errors import NotFound, Refused

LIVE_KEYS_MAX = 20
_PREFIX = "cc_"
_SHOWN_LETTERS = 10
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TooManyKeys(Refused):
    """The user holds as many live keys as one may."""


@transaction.atomic
def create_key(*, user: User, name: str, at: datetime) -> tuple[ApiKey, str]:
    """Make a key; return it with its secret ("cc_" and 40 letters), which is stored nowhere.

    Raises TooManyKeys at 20 live keys.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if ApiKey.objects.filter(user=user, revoked_at__isnull=True).count() >= LIVE_KEYS_MAX:
        raise TooManyKeys(f"You have {LIVE_KEYS_MAX} keys. Revoke one that you no longer use first.")
    secret = _PREFIX + secrets.token_urlsafe(30)
    key = ApiKey.objects.create(
        user=user, name=name, prefix=secret[:_SHOWN_LETTERS], key_hash=_digest(secret), created_at=at
    )
    return key, secret


def revoke_key(*, user: User, key_id: uuid.UUID, at: datetime) -> None:
    """End a key for good; ending it twice changes nothing. Raises NotFound when the user has no such key."""
    keys = ApiKey.objects.filter(user=user, pk=key_id)
    if not keys.filter(revoked_at__isnull=True).update(revoked_at=at) and not keys.exists():
        raise NotFound


def user_of_key(secret: str, at: datetime) -> User | None:
    """Return whose live key this is, None when it is nobody's. Its use is noted at most once a minute."""
    if not secret.startswith(_PREFIX):
        return None
    keys = ApiKey.objects.filter(key_hash=_digest(secret), revoked_at__isnull=True, user__is_active=True)
    key = keys.select_related("user").first()
    if key is None:
        return None
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - _USE_IS_NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=at)
    return key.user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
