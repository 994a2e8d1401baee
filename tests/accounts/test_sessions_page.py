"""Where somebody is logged in: seen, ended one by one or all but one, forgotten when over."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from canvascast.operations.prune import prune

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.6 Safari/605.1.15"


@pytest.fixture
def log_in(code_of):
    def logged_in(user: User, user_agent: str) -> Client:
        client = Client(headers={"user-agent": user_agent})
        client.post("/accounts/login/", {"login": user.email})
        client.post("/accounts/login/code/confirm/", {"code": code_of()})
        return client

    return logged_in


def rows_of(page: str) -> list[str]:
    items = re.findall(r"<li>(.*?)</li>", page.partition("<main")[2].partition("</main>")[0], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]


def test_browsers_are_named_and_the_one_that_asks_comes_first(person, log_in):
    here = log_in(person, FIREFOX)
    log_in(person, SAFARI)

    rows = rows_of(here.get("/accounts/sessions/").content.decode())

    assert [row.split(" from ")[0] for row in rows] == ["Firefox on Linux This one", "Safari on macOS"]


def test_one_browser_is_logged_out_and_no_other(person, log_in):
    here, there, elsewhere = log_in(person, FIREFOX), log_in(person, SAFARI), log_in(person, SAFARI)
    session = UserSession.objects.get(session_key=there.session.session_key)

    answer = here.post(f"/app/settings/sessions/{session.pk}/end")

    assert answer["Location"] == "/accounts/sessions/"
    assert [browser.get("/app/settings/").status_code for browser in (here, there, elsewhere)] == [200, 302, 200]


def test_browser_of_somebody_else_is_not_logged_out(person, log_in):
    log_in(person, FIREFOX)
    stranger = Client()
    stranger.force_login(User.objects.create_user("eve@example.com"))
    session = UserSession.objects.get(user=person)

    assert stranger.post(f"/app/settings/sessions/{session.pk}/end").status_code == 404
    assert UserSession.objects.filter(pk=session.pk).exists()


def test_session_that_ran_out_is_neither_shown_nor_kept(person, log_in):
    here, there = log_in(person, FIREFOX), log_in(person, SAFARI)
    there.session.delete()
    UserSession.objects.update(created_at=timezone.now() - timedelta(days=8))

    assert len(rows_of(here.get("/accounts/sessions/").content.decode())) == 1
    assert [part.number for part in prune(at=timezone.now(), dry_run=False) if part.kind == "browsers logged out"] == [
        1
    ]
    assert [session.user_agent for session in UserSession.objects.all()] == [FIREFOX]


def test_list_of_many_browsers_costs_no_more_queries(person, log_in, django_assert_max_num_queries):
    here = log_in(person, FIREFOX)
    for number in range(20):
        there = Client()
        there.force_login(person)
        key = there.session.session_key
        UserSession.objects.create(user=person, ip="192.0.2.1", user_agent=f"curl/{number}", session_key=key)

    with django_assert_max_num_queries(12):
        page = here.get("/accounts/sessions/").content.decode()

    assert len(rows_of(page)) == 21


@pytest.mark.parametrize("cookie", ['"abcdefgh\\000"', '"\\377\\376abcdefgh"', "x" * 4_000, "' OR 1=1 --", "\x80" * 40])
def test_cookie_that_is_no_session_is_nobody_s(client, cookie):
    answer = client.get("/app", headers={"cookie": f"sessionid={cookie}"})

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/app")
