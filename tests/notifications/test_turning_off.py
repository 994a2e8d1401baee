"""One click in a mail turns one kind of mail off, without a login; a look turns nothing off."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from django.test import Client
from django.utils import timezone

from apps.notifications.actions import change_preferences, preferences_of
from apps.notifications.letters import LETTERS, compose
from apps.notifications.models import Event, NotificationPreference
from apps.notifications.switches import SWITCHES
from apps.notifications.unsubscribing import switch_token
from tests.notifications.conftest import note, reachable


def path_of(user, switch: str) -> str:
    return f"/mail/off/{switch_token(user.pk, switch)}"


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def scanner() -> Client:
    """Somebody without any cookie, held to CSRF like a browser."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("event", LETTERS)
def test_mail_with_a_switch_has_the_headers_of_rfc_8058_and_no_other_has(user, settings, event):
    settings.MAIL_REPLY_TO = "Help <help@example.com>"
    mail = compose(note(user, event), "ada@example.com", is_repeat=False)

    sent = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)

    switch = LETTERS[event].switch
    expected = (
        (
            f"<http://127.0.0.1:8000{path_of(user, switch)}>, <mailto:help@example.com?subject=unsubscribe>",
            "List-Unsubscribe=One-Click",
        )
        if switch
        else (None, None)
    )
    # A long header is folded, which leaves a space before it.
    ways = sent["List-Unsubscribe"]
    assert (ways and ways.strip(), sent["List-Unsubscribe-Post"]) == expected


def test_money_has_no_switch():
    assert {event for event, letter in LETTERS.items() if not letter.switch} == {
        Event.WELCOME,
        Event.PURCHASE_RECEIPT,
        Event.SUBSCRIPTION_RENEWED,
        Event.PAYMENT_FAILED,
    }
    assert {letter.switch for letter in LETTERS.values() if letter.switch} == set(SWITCHES)


@pytest.mark.parametrize("switch", SWITCHES)
def test_one_click_turns_that_one_off_and_nothing_else(user, scanner, switch):
    answer = scanner.post(path_of(user, switch), {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.cookies) == (200, {})
    assert f"“{SWITCHES[switch].label}” is off" in words(answer)
    assert [name for name in SWITCHES if not getattr(preferences_of(user), name)] == [switch]


def test_second_click_changes_nothing(user, scanner):
    for _ in range(2):
        answer = scanner.post(path_of(user, "video_ready"), {"List-Unsubscribe": "One-Click"})

    assert "“A video is ready” is off" in words(answer)
    assert not preferences_of(user).video_ready


@pytest.mark.parametrize("method", ["get", "head"])
def test_look_turns_nothing_off(user, scanner, method):
    answer = getattr(scanner, method)(path_of(user, "video_ready"))

    assert answer.status_code == 200
    assert not NotificationPreference.objects.exists()


def test_page_asks_and_its_button_turns_it_off_and_on_again(user, scanner):
    path = path_of(user, "video_ready")
    assert "Turn off “A video is ready”?" in words(scanner.get(path))

    off = scanner.post(path, {"off": "1"})
    assert re.findall(r'name="(o[nf]+)" value="1"', off.content.decode()) == ["on"]

    on = scanner.post(path, {"on": "1"})
    assert "“A video is ready” is on again" in words(on)
    assert preferences_of(user).video_ready


def test_page_of_what_is_off_says_so(user, scanner):
    change_preferences(user=user, changes={"video_ready": False}, at=timezone.now())

    assert "“A video is ready” is off" in words(scanner.get(path_of(user, "video_ready")))


@pytest.mark.parametrize(
    "spoil",
    [lambda token: token[:-1], lambda token: "x" + token, lambda token: "nothing", lambda token: token.split(":")[0]],
)
def test_link_that_was_tampered_with_turns_nothing_off(user, scanner, spoil):
    answer = scanner.post(f"/mail/off/{spoil(switch_token(user.pk, 'video_ready'))}")

    assert answer.status_code == 404
    assert "Nothing was changed" in words(answer)
    assert not NotificationPreference.objects.exists()


def test_link_to_what_has_no_switch_turns_nothing_off(user, scanner):
    assert scanner.post(f"/mail/off/{switch_token(user.pk, 'marketing')}").status_code == 404
    assert scanner.post(f"/mail/off/{switch_token(user.pk, 'pk')}").status_code == 404


def test_link_of_somebody_who_left_turns_nothing_off(user, scanner):
    user.is_active = False
    user.save()

    assert scanner.post(path_of(user, "video_ready")).status_code == 404


def test_link_works_with_another_user_logged_in_and_is_about_its_own(user, client):
    other = reachable("bob@example.com")
    client.force_login(other)

    client.post(path_of(user, "video_ready"))

    assert (preferences_of(user).video_ready, preferences_of(other).video_ready) == (False, True)


def test_page_is_kept_by_nobody(user, client):
    assert "no-store" in client.get(path_of(user, "video_ready"))["Cache-Control"]
