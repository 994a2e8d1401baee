"""An account is made and entered with a mailed code."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import OperationalError
from django.test import Client

from apps.accounts.models import User

pytestmark = pytest.mark.django_db


def sign_up(client: Client, address: str = "ada@example.com"):
    return client.post("/accounts/signup/", {"email": address})


def test_sign_up_by_code_logs_in_with_a_verified_address(client, code_of):
    sign_up(client)
    answer = client.post("/accounts/confirm-email/", {"code": code_of()})

    assert (answer.status_code, answer["Location"]) == (302, "/app/start")
    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert not user.has_usable_password()
    assert EmailAddress.objects.filter(user=user, email="ada@example.com", verified=True, primary=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_sign_up_that_breaks_before_the_address_is_written_leaves_nothing(client, code_of, monkeypatch):
    def lost(*arguments: object, **fields: object) -> None:
        raise OperationalError

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(EmailAddress, "save", lost)
        assert sign_up(client).status_code == 503

    assert not User.objects.exists()
    sign_up(client)
    assert client.post("/accounts/confirm-email/", {"code": code_of()})["Location"] == "/app/start"


def test_wrong_code_five_times_ends_the_sign_up(client):
    sign_up(client)

    answers = [client.post("/accounts/confirm-email/", {"code": "WRONG"}).status_code for _ in range(5)]

    assert answers == [200, 200, 200, 200, 302]
    assert "_auth_user_id" not in client.session


def test_sign_up_page_asks_for_the_address_alone(client):
    page = client.get("/accounts/signup/").content.decode()

    assert 'name="email"' in page
    assert 'type="password"' not in page


def test_known_address_gets_the_same_answer_as_a_new_one(client, person):
    new = Client()
    answers = [sign_up(client, person.email), sign_up(new, "new@example.com")]
    pages = [c.get("/accounts/confirm-email/").content.decode() for c in (client, new)]

    assert [(a.status_code, a["Location"]) for a in answers] == [(302, "/accounts/confirm-email/")] * 2
    assert _without_tokens(pages[0]).replace(person.email, "") == _without_tokens(pages[1]).replace(
        "new@example.com", ""
    )
    assert mail.outbox[0].subject == "You have a CanvasCast account already"


def _without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize("address", ["+tag@example.com", '"..."@gmail.com', '""@example.com'])
def test_odd_address_is_an_address(client, address):
    assert sign_up(client, address).status_code == 302
    assert [message.to for message in mail.outbox] == [[address]]


def test_mistyped_address_is_left_by_starting_again(client):
    client.post("/accounts/login/", {"login": "ada@x.cmo"})
    code_page = client.get("/accounts/login/", follow=True)

    answer = client.post("/accounts/logout/", {"next": "/accounts/login/"}, follow=True)

    assert code_page.redirect_chain
    assert "<strong>ada@x.cmo</strong>." in code_page.content.decode()
    assert b'href="/accounts/login/">start' not in code_page.content
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert b'name="login"' in answer.content


def test_mail_to_a_known_address_leads_to_a_login_that_lets_in(client, person, code_of):
    sign_up(client, person.email)
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]

    page = client.get(link)
    client.post(link, {"login": person.email})
    client.post("/accounts/login/code/confirm/", {"code": code_of()})

    assert (page.status_code, b'name="login"' in page.content) == (200, True)
    assert client.session["_auth_user_id"] == str(person.pk)


def test_sign_up_is_left_for_the_login_alike_whether_the_address_is_known(client, person):
    browsers = [client, Client()]
    for browser, address in zip(browsers, (person.email, "new@example.com"), strict=True):
        sign_up(browser, address)

    pages = [browser.get("/accounts/login/") for browser in browsers]
    after = [browser.get("/accounts/confirm-email/") for browser in browsers]

    assert len({_without_tokens(page.content.decode()) for page in pages}) == 1
    assert [(page.status_code, page.headers.get("Location")) for page in after] == [(302, "/accounts/login/")] * 2


@pytest.mark.slow
def test_sign_up_that_was_left_is_ended_by_a_code_to_log_in(client, code_of):
    sign_up(client)
    client.get("/accounts/login/")

    client.post("/accounts/login/", {"login": "ada@example.com"})
    client.post("/accounts/login/code/confirm/", {"code": code_of()})

    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("/accounts/signup/", {"email": "ada@example.com"}),
        ("/accounts/login/", {"login": "ada@example.com"}),
        pytest.param("/accounts/login/code/", {"email": "ada@example.com"}, marks=pytest.mark.slow),
        pytest.param("/accounts/password/reset/", {"email": "ada@example.com"}, marks=pytest.mark.slow),
    ],
)
def test_closed_account_is_said_to_be_closed(client, person, page, form):
    User.objects.update(is_active=False)

    client.post(page, form)

    assert mail.outbox[0].subject == "Your CanvasCast account is closed"
    assert "http://testserver/help#contact" in mail.outbox[0].body
    assert len(mail.outbox) == 1
