"""Who is let in, and what those who are not are told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key, revoke_key
from apps.notifications.queries import preferences_of

PREFERENCES = "/api/v1/notifications/preferences"
NOT_SIGNED_IN = {"error": "Please sign in or send a valid API key.", "code": "AUTH_ERROR", "details": {}}


@pytest.mark.parametrize("header", [None, "Bearer cc_wrong", "Bearer", "Basic abc", "Bearer \x7f"])
def test_nobody_is_told_to_sign_in(db, header):
    client = Client(headers={"Authorization": header} if header else {})

    answer = client.get(PREFERENCES)

    assert (answer.status_code, answer.json()) == (401, NOT_SIGNED_IN)


def test_session_and_key_are_let_in(browser, program):
    assert [client.get(PREFERENCES).status_code for client in (browser, program)] == [200, 200]


def test_revoked_key_is_refused(owner):
    key, secret = create_key(user=owner, name="old", at=timezone.now())
    revoke_key(user=owner, key_id=key.pk, at=timezone.now())

    answer = Client(headers={"Authorization": f"Bearer {secret}"}).get(PREFERENCES)

    assert answer.status_code == 401


def test_wrong_key_is_refused_although_somebody_is_signed_in(browser):
    assert browser.get(PREFERENCES, headers={"Authorization": "Bearer cc_wrong"}).status_code == 401


def test_inactive_user_is_refused(browser, program, owner):
    owner.is_active = False
    owner.save()

    assert [client.get(PREFERENCES).status_code for client in (browser, program)] == [401, 401]


def test_session_without_csrf_token_changes_nothing(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    answer = client.patch(PREFERENCES, {"marketing": True}, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_ERROR")
    assert not preferences_of(owner).marketing


def test_key_needs_no_csrf_token(program, owner):
    program.handler.enforce_csrf_checks = True

    assert program.patch(PREFERENCES, {"marketing": True}, "application/json").status_code == 200
    assert preferences_of(owner).marketing


def test_anonymous_write_is_a_401_and_not_a_csrf_failure(db):
    answer = Client(enforce_csrf_checks=True).patch(PREFERENCES, {"marketing": True}, "application/json")

    assert answer.status_code == 401
