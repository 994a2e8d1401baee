"""The page on which users choose what is mailed to them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.notifications.actions import change_preferences, preferences_of
from apps.notifications.models import NotificationPreference
from apps.notifications.switches import SWITCHES
from tests.notifications.conftest import reachable

URL = "/app/settings/notifications"


@pytest.fixture
def browser(client, user):
    client.force_login(user)
    return client


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_settings_lead_to_the_page(browser):
    assert f'<a href="{URL}">' in words(browser.get("/app/settings/"))


def test_page_shows_the_switches_as_they_stand(browser, user):
    page = words(browser.get(URL))

    assert page.count(" checked") == 7
    assert "Mail goes to <strong>ada@example.com</strong>." in page


def test_page_offers_only_what_is_mailed(browser):
    assert list(browser.get(URL).context["form"].fields) == list(SWITCHES)


def test_form_turns_the_switches_and_leaves_those_it_does_not_show(browser, user):
    change_preferences(user=user, changes={"marketing": True}, at=timezone.now())

    answer = browser.post(URL, {"video_failed": "on"}, follow=True)

    kept = preferences_of(user)
    assert (kept.video_ready, kept.video_failed, kept.low_credits, kept.marketing) == (False, True, False, True)
    assert [str(message) for message in answer.context["messages"]] == ["Saved."]
    assert answer.redirect_chain == [(URL, 302)]


def test_empty_form_turns_all_off(browser, user):
    browser.post(URL, {})

    assert not preferences_of(user).video_ready
    assert not preferences_of(user).video_failed


def test_page_without_a_confirmed_address_says_so(client, db):
    client.force_login(reachable("new@example.com", verified=False))

    assert "Nothing can be mailed yet" in words(client.get(URL))


def test_visitor_is_sent_to_log_in(client, db):
    assert client.post(URL, {}, headers={"Referer": f"http://testserver{URL}"}).url == f"/accounts/login/?next={URL}"
    assert not NotificationPreference.objects.exists()


def test_page_costs_few_queries(browser, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        browser.get(URL)
