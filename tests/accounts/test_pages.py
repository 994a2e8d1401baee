"""Every page of the accounts answers, in our words, with nothing inline that the content policy forbids."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PUBLIC = ["login/", "signup/", "login/code/", "password/reset/", "inactive/"]
PRIVATE = [
    "logout/",
    "email/",
    "password/set/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "sessions/",
]
OURS = ["settings/", "settings/profile", "settings/keys", "settings/exports", "settings/confirm", "welcome"]


def judge(page: str) -> list[str]:
    """Name what is wrong with a page."""
    scripts = re.findall(r"<script\b([^>]*)>", page)
    found = ["inline script" for attributes in scripts if "src=" not in attributes and "json" not in attributes]
    found += re.findall(r"\sstyle=|\son[a-z]+=|<style|Sign [Ii]n|Sign Up|Oops", page)
    fields = re.findall(r'<(?:input|select|textarea)\b[^>]*?\bid="([^"]+)"', page.replace("\n", " "))
    hidden = re.findall(r'<input type="hidden"[^>]*id="([^"]+)"', page)
    unlabelled = [name for name in fields if name not in hidden and f'for="{name}"' not in page]
    return found + [f"no label for {name}" for name in unlabelled]


@pytest.mark.parametrize("page", PUBLIC)
def test_public_page(client, page):
    answer = client.get(f"/accounts/{page}")

    assert answer.status_code == 200
    assert judge(answer.content.decode()) == []


@pytest.mark.parametrize("page", PUBLIC)
@pytest.mark.parametrize("wanted", ["http://[::1", "//[", "https://\u2100.example"])
def test_page_leads_to_nothing_that_is_no_address(client, page, wanted):
    answer = client.get(f"/accounts/{page}", {"next": wanted})

    assert answer.status_code == 200
    links = re.findall(r'(?:href|action)="([^"]*)"', answer.content.decode())
    assert [link for link in links if wanted in unquote(unescape(link))] == []


@pytest.mark.parametrize("page", [f"accounts/{p}" for p in PRIVATE] + [f"app/{p}" for p in OURS])
def test_page_of_a_signed_in_user(fresh, page):
    answer = fresh.get(f"/{page}")

    assert answer.status_code == 200
    assert judge(answer.content.decode()) == []
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("page", [f"accounts/{p}" for p in PRIVATE if p != "logout/"])
def test_page_of_a_signed_in_user_is_closed_to_visitors(client, page):
    answer = client.get(f"/{page}")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_page_that_takes_the_code(client, person):
    client.post("/accounts/login/", {"login": person.email})
    page = client.get("/accounts/login/code/confirm/").content.decode()

    assert judge(page) == []
    assert person.email in page
    assert 'autocomplete="one-time-code"' in page


def test_other_services_have_no_page_while_none_is_set_up(signed_in):
    for page in ("3rdparty/", "3rdparty/signup/", "3rdparty/login/error/", "social/signup/"):
        assert signed_in.get(f"/accounts/{page}", follow=True).status_code == 404


def test_page_of_a_closed_account_leads_to_whom_one_can_write(client):
    page = client.get("/accounts/inactive/").content.decode()

    assert '<a href="/help#contact">write to us</a>' in page


def test_passkey_button_works_without_inline_script(client):
    page = client.get("/accounts/login/").content.decode()

    assert re.search(r'class="button quiet needs-script"[^>]*id="passkey_login"', page)
    assert 'form="mfa_login"' in page
    assert "mfa/js/webauthn.js" in page


def test_limit_page_is_in_words(person):
    for _ in range(3):
        Client().post("/accounts/signup/", {"email": person.email})
    answer = Client().post("/accounts/signup/", {"email": person.email})

    assert answer.status_code == 429
    assert "at most three codes an hour" in answer.content.decode()
