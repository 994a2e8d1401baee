"""Passkeys: set up in settings, and then a way in by themselves."""

from __future__ import annotations

import html
import json
import random
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from fido2.utils import websafe_decode, websafe_encode

from apps.accounts.models import User
from canvascast.funnel.models import Fact
from tests.accounts.soft_key import SoftKey

pytestmark = pytest.mark.django_db
ADD = "/accounts/2fa/webauthn/add/"
LOGIN = "/accounts/2fa/webauthn/login/"


def _page_data(client: Client, page: str) -> dict:
    source = client.get(page, secure=True).content.decode()
    return json.loads(html.unescape(re.search(r'<script id="js_data"[^>]*>(.*?)</script>', source)[1]))


def _creation_options(client: Client) -> dict:
    return _page_data(client, ADD)["creation_options"]


def damaged(whole: dict, chance: random.Random) -> str:
    """The answer with one field missing, replaced or with other bytes in it."""
    answer = json.loads(json.dumps(whole))
    place = chance.choice([answer, answer["response"]])
    field = chance.choice(list(place))
    how = chance.randrange(3)
    if how == 0 or (field == "userHandle" and how == 2):
        del place[field]
    elif how == 1 or not isinstance(place[field], str):
        place[field] = chance.choice([1, None, [], {}, "é", True, "a", {"credProps": 1}])
    else:
        content = bytearray(websafe_decode(place[field]))
        content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
        place[field] = websafe_encode(bytes(content[: chance.choice([len(content), len(content) // 2])]))
    return json.dumps(answer)


def add_key(client: Client, key: SoftKey):
    answer = {"name": "Laptop", "passwordless": "on", "credential": key.create(_creation_options(client))}
    return client.post(ADD, answer, secure=True)


def log_in_with(client: Client, key: SoftKey):
    options = client.get(LOGIN, secure=True, headers={"x-requested-with": "XMLHttpRequest"}).json()
    return client.post(LOGIN, {"credential": key.get(options["request_options"])}, secure=True)


@pytest.fixture
def key(fresh: Client) -> SoftKey:
    """A passkey of the person's."""
    made = SoftKey("https://testserver")
    assert add_key(fresh, made).status_code == 302
    return made


def test_passkey_is_kept_with_recovery_codes(key, person):
    assert {a.type for a in Authenticator.objects.filter(user=person)} == {"webauthn", "recovery_codes"}


def test_passkey_logs_in_by_itself(key, person):
    client = Client()

    assert log_in_with(client, key)["Location"] == "/app/start"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert Fact.objects.get(kind="signed_up").detail == "passkey"


def test_passkey_counts_as_the_second_factor_of_staff(key, person):
    User.objects.update(is_staff=True, is_superuser=True)
    client = Client()
    log_in_with(client, key)

    assert client.get("/admin/", secure=True).status_code == 200


@pytest.mark.parametrize("change", ["key", "origin"])
def test_forged_answer_logs_nobody_in(key, change):
    forged = SoftKey("https://evil.example" if change == "origin" else key.origin)
    forged.credential_id, forged.user_handle = key.credential_id, key.user_handle
    if change == "origin":
        forged.key = key.key
    client = Client()

    log_in_with(client, forged)

    assert "_auth_user_id" not in client.session


def test_answer_is_good_once(key):
    client = Client()
    options = client.get(LOGIN, secure=True, headers={"x-requested-with": "XMLHttpRequest"}).json()
    answer = {"credential": key.get(options["request_options"])}
    client.post(LOGIN, answer, secure=True)
    other = Client()

    other.post(LOGIN, answer, secure=True)

    assert "_auth_user_id" not in other.session


@pytest.mark.parametrize("credential", ["", "{}", "[]", "not json", '{"id": 1}', "5", "null"])
def test_malformed_answer_is_refused(client, db, credential):
    answer = client.post(LOGIN, {"credential": credential}, secure=True)

    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session


def test_damaged_answers_fail_nowhere(key, client, monkeypatch):
    monkeypatch.setattr("allauth.core.internal.ratelimit.consume", lambda *_, **__: True)
    options = client.get(LOGIN, secure=True, headers={"x-requested-with": "XMLHttpRequest"}).json()["request_options"]
    chance = random.Random(5)
    whole = json.loads(key.get(options))

    answers = {client.post(LOGIN, {"credential": damaged(whole, chance)}, secure=True).status_code for _ in range(100)}

    assert answers == {302}


def test_damaged_key_breaks_no_page(fresh, person):
    chance = random.Random(6)
    for _ in range(15):
        soft = SoftKey("https://testserver")
        monkey = json.loads(soft.create(_creation_options(fresh)))
        answer = fresh.post(ADD, {"name": "Laptop", "credential": damaged(monkey, chance)}, secure=True)
        assert answer.status_code in (200, 302)
        assert fresh.get("/accounts/2fa/webauthn/", secure=True).status_code == 200
        Authenticator.objects.all().delete()


def test_passkey_can_be_renamed_and_removed(signed_in, key, person):
    pk = Authenticator.objects.get(user=person, type="webauthn").pk
    reauthenticate = "/accounts/2fa/webauthn/reauthenticate/"
    options = _page_data(signed_in, reauthenticate)["request_options"]
    signed_in.post(reauthenticate, {"credential": key.get(options)}, secure=True)

    signed_in.post(f"/accounts/2fa/webauthn/keys/{pk}/edit/", {"name": "Phone"}, secure=True)
    listed = signed_in.get("/accounts/2fa/webauthn/", secure=True).content.decode()
    signed_in.post(f"/accounts/2fa/webauthn/keys/{pk}/remove/", secure=True)

    assert "Remove Phone" in listed
    assert not Authenticator.objects.filter(user=person).exists()


@pytest.mark.parametrize("answer", ["[" * 5_000, '{"id": ' * 5_000, "1" * 5_000, '{"id": 1e999}', "[[1]]", '"x"'])
def test_answer_that_no_key_gives_is_refused_in_words(client, answer):
    page = client.post(LOGIN, {"credential": answer}, follow=True)

    assert page.status_code == 200
    assert "The key gave an answer we cannot read. Try again." in html.unescape(page.content.decode())


@pytest.mark.parametrize("answer", ["[" * 5_000, "1" * 5_000, "[1]"])
def test_new_key_that_no_key_gives_is_refused_on_its_form(fresh, answer):
    page = fresh.post(ADD, {"name": "Laptop", "credential": answer})

    assert page.status_code == 200
    assert "The key gave an answer we cannot read. Try again." in html.unescape(page.content.decode())
