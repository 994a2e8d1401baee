"""Coming back: by code, or by a password that was set."""

from __future__ import annotations

from functools import partial

import pytest
from django.core import mail
from django.test import Client

from canvascast.funnel.models import Fact

pytestmark = pytest.mark.django_db
SLOW = partial(pytest.param, marks=pytest.mark.slow)


def ask_for_code(client: Client, address: str = "ada@example.com"):
    return client.post("/accounts/login/", {"login": address, "password": ""})


def test_code_logs_in(client, person, code_of):
    ask_for_code(client)
    answer = client.post("/accounts/login/code/confirm/", {"code": code_of()})

    assert (answer.status_code, answer["Location"]) == (302, "/app/start")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.get_expiry_age() == 7 * 24 * 3600


def test_code_of_another_browser_does_not_log_in(client, person, code_of):
    ask_for_code(client)
    code = code_of()
    other = Client()
    ask_for_code(other, "nobody@example.com")

    other.post("/accounts/login/code/confirm/", {"code": code})

    assert "_auth_user_id" not in other.session


def test_unknown_address_gets_the_same_answer(client, person):
    other = Client()
    answers = [ask_for_code(client), ask_for_code(other, "nobody@example.com")]

    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/accounts/login/code/confirm/")] * 2
    assert [m.to for m in mail.outbox] == [["ada@example.com"], ["nobody@example.com"]]


def test_password_logs_in_without_a_code(client, person):
    person.set_password("a long enough secret")
    person.save()

    answer = client.post("/accounts/login/", {"login": person.email, "password": "a long enough secret"})

    assert (answer.status_code, answer["Location"]) == (302, "/app/start")
    assert mail.outbox == []
    assert Fact.objects.get(kind="signed_up").detail == "password"


@pytest.mark.parametrize("wanted", ["http://[::1", "//\u2100.example", "https://evil.example/app"])
def test_login_leads_home_when_its_form_names_no_page_of_ours(client, person, code_of, wanted):
    asked = client.post("/accounts/login/", {"login": person.email, "password": "", "next": wanted})
    answer = client.post(asked["Location"], {"code": code_of(), "next": wanted})

    assert (answer.status_code, answer["Location"]) == (302, "/app/start")


def test_wrong_password_is_refused_in_words(client, person):
    answer = client.post("/accounts/login/", {"login": person.email, "password": "wrong"})

    assert answer.status_code == 200
    assert "Address and password do not belong together." in answer.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.goal("R13")
def test_person_reads_that_no_code_could_be_mailed(person, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    answer = ask_for_code(Client(raise_request_exception=False))

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "Something that CanvasCast needs does not answer." in answer.content.decode()


def test_inactive_user_cannot_log_in(client, person):
    person.is_active = False
    person.save()
    ask_for_code(client)

    assert mail.outbox[0].subject == "Your CanvasCast account is closed"


def test_fourth_code_within_an_hour_is_not_mailed(person):
    for _ in range(3):
        assert ask_for_code(Client()).status_code == 302
    answer = ask_for_code(Client())

    assert answer.status_code == 429
    assert "at most three codes an hour" in answer.content.decode()
    assert len(mail.outbox) == 3


def test_whoever_asks_too_often_keeps_nobody_else_out(client, person, code_of):
    for _ in range(4):
        ask_for_code(Client(REMOTE_ADDR="198.51.100.7"))

    ask_for_code(client)
    client.post("/accounts/login/code/confirm/", {"code": code_of()})

    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.slow
def test_code_mailed_before_still_works_in_its_browser(client, person, code_of):
    ask_for_code(client)
    code = code_of()
    for number in range(12):
        answer = ask_for_code(Client(REMOTE_ADDR=f"198.51.100.{number}"))

    client.post("/accounts/login/code/confirm/", {"code": code})

    assert (
        "Too many tries. Try again in an hour at the latest; a code already mailed still works on the page that asked "
        "for it, in the same browser." in answer.content.decode()
    )
    assert client.session["_auth_user_id"] == str(person.pk)


def test_sign_up_and_login_share_the_hourly_limit(person):
    for _ in range(2):
        ask_for_code(Client())
    Client().post("/accounts/signup/", {"email": person.email})
    answer = ask_for_code(Client())

    assert (answer.status_code, len(mail.outbox)) == (429, 3)


@pytest.mark.parametrize(
    ("page", "form", "confirm"),
    [
        ("/accounts/login/", {"login": "ada@example.com"}, "/accounts/login/code/confirm/"),
        SLOW("/accounts/login/", {"login": "nobody@example.com"}, "/accounts/login/code/confirm/"),
        SLOW("/accounts/signup/", {"email": "new@example.com"}, "/accounts/confirm-email/"),
        SLOW("/accounts/password/reset/", {"email": "ada@example.com"}, "/accounts/password/reset/confirm/"),
    ],
)
def test_fifth_wrong_code_is_said_to_void_it_and_can_be_replaced(client, person, page, form, confirm):
    client.post(page, form)
    answers = [client.post(confirm, {"code": "WRONG"}, follow=True) for _ in range(5)]

    void = "That was wrong 5 times, so the code is void. Ask for a new one."
    assert [void in answer.content.decode() for answer in answers] == [False] * 4 + [True]
    assert "Too many tries" not in answers[-1].content.decode()
    assert client.post(page, form).status_code == 302
