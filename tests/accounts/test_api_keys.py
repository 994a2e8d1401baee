"""Keys for programs."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.api_keys import LIVE_KEYS_MAX, TooManyKeys, create_key, revoke_key, user_of_key
from apps.accounts.models import ApiKey, User
from canvascast.errors import NotFound

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_secret_finds_its_user(person):
    key, secret = create_key(user=person, name="robot", at=NOW)

    assert (len(secret), secret[:3]) == (43, "cc_")
    assert secret.startswith(key.prefix)
    assert user_of_key(secret, NOW) == person


def test_secret_is_stored_nowhere(person):
    key, secret = create_key(user=person, name="robot", at=NOW)

    assert secret[10:] not in str(ApiKey.objects.filter(pk=key.pk).values())


@pytest.mark.parametrize("secret", ["", "cc_", "cc_" + "x" * 40, "something else"])
def test_unknown_secret_is_nobodys(person, secret):
    create_key(user=person, name="robot", at=NOW)

    assert user_of_key(secret, NOW) is None


def test_revoked_key_is_nobodys(person):
    key, secret = create_key(user=person, name="robot", at=NOW)
    revoke_key(user=person, key_id=key.pk, at=NOW)
    revoke_key(user=person, key_id=key.pk, at=NOW + timedelta(days=1))

    assert user_of_key(secret, NOW) is None
    assert ApiKey.objects.get().revoked_at == NOW


def test_key_of_a_closed_account_is_nobodys(person):
    _, secret = create_key(user=person, name="robot", at=NOW)
    User.objects.update(is_active=False)

    assert user_of_key(secret, NOW) is None


def test_foreign_and_unknown_keys_are_missing_alike(person):
    key, secret = create_key(user=person, name="robot", at=NOW)
    stranger = User.objects.create_user("eve@example.com")

    for key_id in (key.pk, uuid.uuid4()):
        with pytest.raises(NotFound):
            revoke_key(user=stranger, key_id=key_id, at=NOW)
    assert user_of_key(secret, NOW) == person


def test_use_is_noted_at_most_once_a_minute(person):
    _, secret = create_key(user=person, name="robot", at=NOW)

    noted = []
    for seconds in (0, 59, 61):
        user_of_key(secret, NOW + timedelta(seconds=seconds))
        noted.append(ApiKey.objects.get().last_used_at - NOW)

    assert noted == [timedelta(0), timedelta(0), timedelta(seconds=61)]


def test_keys_are_bounded(person):
    for number in range(LIVE_KEYS_MAX):
        create_key(user=person, name=str(number), at=NOW)

    with pytest.raises(TooManyKeys):
        create_key(user=person, name="one more", at=NOW)
    assert ApiKey.objects.count() == LIVE_KEYS_MAX
