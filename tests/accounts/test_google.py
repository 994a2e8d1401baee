"""Logging in with Google: real OpenID Connect over loopback."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from apps.accounts.models import Profile, User
from canvascast.funnel.models import Fact
from canvascast.settings.accounts import google_login
from tests.accounts.openid_server import OpenIdServer, running_openid_server

pytestmark = pytest.mark.django_db
ADA = {"sub": "g-1", "email": "ada@gmail.com", "email_verified": True, "name": "Ada"}


@pytest.fixture
def google(settings, monkeypatch) -> Iterator[OpenIdServer]:
    with running_openid_server() as server:
        monkeypatch.setenv("GOOGLE_CLIENT_ID", "client")
        monkeypatch.setenv("GOOGLE_CLIENT_SECRET", "secret")
        monkeypatch.setenv("GOOGLE_OPENID_URL", server.url)
        settings.SOCIALACCOUNT_PROVIDERS = google_login()
        server.claims = dict(ADA)
        yield server


def come_back(client: Client, at: str = "/accounts/oidc/google/login/", **changes: str):
    """Press the button, agree at Google, and return with what Google appends."""
    there = client.post(at)
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    return client.get("/accounts/oidc/google/login/callback/", {"code": "the-code", "state": state, **changes})


def logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_button_leads_to_google_with_pkce_and_state(client, google):
    asked = parse_qs(urlsplit(client.post("/accounts/oidc/google/login/")["Location"]).query)

    assert asked["client_id"] == ["client"]
    assert asked["response_type"] == ["code"]
    assert set(asked["scope"][0].split()) == {"openid", "email", "profile"}
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/accounts/oidc/google/login/callback/"]


def test_new_person_gets_an_account_with_a_verified_address(client, google):
    assert come_back(client)["Location"] == "/app/start"

    user = User.objects.get()
    assert (user.email, user.has_usable_password()) == ("ada@gmail.com", False)
    assert EmailAddress.objects.get().verified
    assert Profile.objects.get().user == user
    assert google.asked.count("/token") == 1
    assert mail.outbox == []
    assert Fact.objects.get(kind="signed_up").detail == "google"


def test_second_login_finds_the_same_account(client, google):
    come_back(client)
    google.claims["email"] = "other@gmail.com"
    come_back(other := Client())

    assert logged_in(other)
    assert User.objects.count() == 1


@pytest.mark.parametrize("claims", [{}, {"email": "ada@firm.example", "hd": "firm.example"}], ids=["gmail", "hosted"])
def test_existing_account_is_entered_where_google_runs_the_mailbox(client, google, claims):
    google.claims.update(claims)
    user = User.objects.create_user(google.claims["email"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    come_back(client)

    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ada@example.com"},
        {"email": "ada@example.com", "hd": "firm.example"},
        {"email_verified": False},
    ],
    ids=["not hosted", "hosted elsewhere", "unverified"],
)
def test_existing_account_is_not_entered_on_a_mere_claim(client, google, claims):
    google.claims.update(claims)
    user = User.objects.create_user(google.claims["email"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    come_back(client)

    assert not logged_in(client)
    assert not SocialAccount.objects.exists()


def test_new_person_with_an_unverified_address_confirms_it_by_code(client, google, code_of):
    google.claims.update(email="ada@example.com", email_verified=False)

    assert come_back(client)["Location"] == "/accounts/confirm-email/"
    assert not logged_in(client)
    client.post("/accounts/confirm-email/", {"code": code_of()})
    assert logged_in(client)


@pytest.mark.parametrize(
    "changes", [{"state": "forged"}, {"code": "wrong"}, {"error": "access_denied"}], ids=["state", "code", "denied"]
)
def test_bad_return_logs_nobody_in(client, google, changes):
    answer = come_back(client, **changes)

    assert answer.status_code in (200, 302, 401)
    assert not logged_in(client)
    assert not User.objects.exists()


def test_token_for_another_client_is_refused(client, google):
    google.audience = "somebody-else"

    come_back(client)

    assert not logged_in(client)


@pytest.mark.parametrize("path", ["/token", "/userinfo"])
def test_fault_at_google_is_a_page_in_words(client, google, path):
    google.fault = path

    answer = come_back(client)

    assert "Google" in answer.content.decode()
    assert not logged_in(client)


def test_google_being_away_is_a_page_in_words(client, google):
    google.fault = "/.well-known/openid-configuration"

    answer = client.post("/accounts/oidc/google/login/")

    assert "Nothing was changed" in answer.content.decode()


def test_button_is_shown_with_keys(client, google):
    assert "Continue with Google" in client.get("/accounts/login/").content.decode()


def test_without_keys_there_is_no_button_and_no_page(client):
    assert "Google" not in client.get("/accounts/login/").content.decode()
    for page in ("oidc/google/login/", "oidc/google/login/callback/"):
        assert client.get(f"/accounts/{page}").status_code == 404
        assert client.post(f"/accounts/{page}").status_code == 404


def test_google_account_is_connected_after_a_fresh_code_alone(google, signed_in, person, code_of):
    asked = signed_in.post("/accounts/oidc/google/login/?process=connect")["Location"]
    assert asked == "/app/settings/confirm?next=%2Faccounts%2F3rdparty%2F"

    signed_in.post(asked, {"send": "1"})
    back = signed_in.post(asked, {"code": code_of()})["Location"]
    come_back(signed_in, at="/accounts/oidc/google/login/?process=connect")

    assert back == "/accounts/3rdparty/"
    assert SocialAccount.objects.get().user == person
