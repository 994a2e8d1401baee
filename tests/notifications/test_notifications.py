"""Facts are told once; switches keep what they were told."""

from __future__ import annotations

from dataclasses import fields

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.actions import change_preferences, preferences_of, record
from apps.notifications.api import PreferencesIn, PreferencesOut
from apps.notifications.models import Event, Notification
from apps.notifications.queries import Preferences

PREFERENCES = "/api/v1/notifications/preferences"
DEFAULTS = {
    "videoReady": True,
    "videoFailed": True,
    "lowCredits": True,
    "creditsDepleted": True,
    "subscriptionExpiring": True,
    "assetsExpiring": True,
    "webhookPaused": True,
    "marketing": False,
}


@pytest.fixture
def user(db) -> User:
    return User.objects.create_user("owner@example.com")


@pytest.fixture
def browser(client, user):
    client.force_login(user)
    return client


def note(user: User, key: str, **facts: int) -> None:
    record(user_id=user.pk, event=Event.LOW_CREDITS, key=key, facts=facts, at=timezone.now())


def test_same_fact_told_twice_is_one_row(user):
    note(user, "4", available=4)
    note(user, "4", available=3)

    assert list(Notification.objects.values_list("key", "facts")) == [("4", {"available": 4})]


def test_fact_goes_back_with_its_transaction(user):
    with transaction.atomic():
        note(user, "4")
        transaction.set_rollback(True)

    assert not Notification.objects.exists()


def test_repeated_fact_leaves_the_transaction_usable(user):
    with transaction.atomic():
        note(user, "4")
        note(user, "4")
        note(user, "5")

    assert Notification.objects.count() == 2


def test_defaults_need_no_row(browser):
    assert browser.get(PREFERENCES).json() == DEFAULTS


def test_one_switch_leaves_the_others(browser, user):
    answer = browser.patch(PREFERENCES, {"videoReady": False}, "application/json")

    assert answer.json() == {**DEFAULTS, "videoReady": False} == browser.get(PREFERENCES).json()


def test_switches_are_the_user_s_own(browser, user):
    change_preferences(user=User.objects.create_user("b@example.com"), changes={"marketing": True}, at=timezone.now())

    assert not preferences_of(user).marketing


def test_empty_change_keeps_everything(browser):
    assert browser.patch(PREFERENCES, {}, "application/json").json() == DEFAULTS


def test_documented_defaults_turn_no_switch(browser, client):
    browser.patch(PREFERENCES, {"videoReady": False, "marketing": True}, "application/json")
    described = client.get("/api/openapi.json").json()["components"]["schemas"]["PreferencesIn"]["properties"]
    filled_in = {name: switch.get("default") for name, switch in described.items()}

    answer = browser.patch(PREFERENCES, filled_in, "application/json")

    assert filled_in == dict.fromkeys(DEFAULTS)
    assert answer.json() == {**DEFAULTS, "videoReady": False, "marketing": True}


def test_switch_asked_for_by_name_leaves_those_turned_before(browser):
    browser.patch(PREFERENCES, {"videoReady": False, "lowCredits": False}, "application/json")

    answer = browser.patch(PREFERENCES, {"marketing": True}, "application/json")

    assert answer.json() == {**DEFAULTS, "videoReady": False, "lowCredits": False, "marketing": True}


@pytest.mark.parametrize("shape", [PreferencesIn, PreferencesOut])
def test_programs_see_every_switch(shape):
    assert list(shape.model_fields) == [field.name for field in fields(Preferences)]
