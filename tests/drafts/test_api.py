"""`/api/draft`: for browsers without an account, signed-in browsers and programs."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts.api_keys import create_key
from apps.accounts.models import User
from apps.drafts.actions import claim_draft
from apps.drafts.models import DraftPrompt
from tests.parallel import at_once

IDEA = "Why do cats purr at night?"
COOKIE = settings.DRAFT_COOKIE_NAME


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner@example.com")


def post(client: Client, body: object, **more):
    return client.post("/api/draft", json.dumps(body), content_type="application/json", **more)


@pytest.mark.django_db
def test_visitor_gets_back_what_they_wrote(client):
    saved = post(client, {"promptText": IDEA, "options": {"nichePreset": "science", "targetMinutes": 2}})

    draft_id = str(DraftPrompt.objects.get().pk)
    assert (saved.status_code, saved.json()) == (200, {"draftId": draft_id, "isAuthenticated": False})
    assert client.get("/api/draft").json() == {
        "draftId": draft_id,
        "promptText": IDEA,
        "transcriptText": None,
        "options": {"nichePreset": "science", "targetMinutes": 2.0},
        "isAuthenticated": False,
    }


@pytest.mark.django_db
def test_token_is_only_in_the_cookie(client):
    saved = post(client, {"promptText": IDEA})

    cookie = saved.cookies[COOKIE]
    assert cookie.value not in saved.content.decode()
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 7 * 24 * 3600)


@pytest.mark.django_db
def test_latest_draft_wins(client):
    post(client, {"promptText": IDEA})
    post(client, {"promptText": "", "transcriptText": "Sailors trust its light."})

    assert client.get("/api/draft").json()["transcriptText"] == "Sailors trust its light."


@pytest.mark.django_db
@pytest.mark.parametrize("token", [None, "", "made-up", "é" * 50])
def test_without_a_good_token_there_is_no_draft(client, token):
    post(Client(), {"promptText": IDEA})
    if token is not None:
        client.cookies[COOKIE] = token

    answer = client.get("/api/draft")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.django_db
def test_token_of_a_claimed_draft_is_answered_like_an_unknown_one(client, owner):
    post(client, {"promptText": IDEA})
    claim_draft(token=client.cookies[COOKIE].value, user=owner, at=timezone.now())

    stolen, unknown = client.get("/api/draft"), Client().get("/api/draft")

    assert (stolen.status_code, stolen.content) == (unknown.status_code, unknown.content) == (404, unknown.content)


@pytest.mark.django_db
def test_signed_in_user_s_draft_is_their_own(client, owner):
    client.force_login(owner)

    saved = post(client, {"promptText": IDEA})

    assert saved.json()["isAuthenticated"] is True
    assert COOKIE not in saved.cookies
    assert DraftPrompt.objects.get().user == owner
    assert client.get("/api/draft").json()["promptText"] == IDEA


@pytest.mark.django_db
def test_program_with_a_key_keeps_its_owner_s_draft(client, owner):
    _, secret = create_key(user=owner, name="tests", at=timezone.now())

    post(client, {"promptText": IDEA}, headers={"Authorization": f"Bearer {secret}"})

    assert DraftPrompt.objects.get().user == owner


@pytest.mark.django_db
def test_bad_key_is_not_taken_for_a_visitor(client):
    answer = post(client, {"promptText": IDEA}, headers={"Authorization": "Bearer cc_wrong"})

    assert answer.status_code == 401
    assert not DraftPrompt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_another_site_cannot_keep_a_draft_in_a_visitor_s_browser(origin):
    client = Client(enforce_csrf_checks=True)

    answer = post(client, {"promptText": IDEA}, headers={"Origin": origin})

    assert answer.status_code == 403
    assert not DraftPrompt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"Origin": "http://testserver"}])
def test_visitor_needs_no_csrf_token(headers):
    assert post(Client(enforce_csrf_checks=True), {"promptText": IDEA}, headers=headers).status_code == 200


@pytest.mark.django_db
def test_signed_in_browser_needs_its_csrf_token(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert post(client, {"promptText": IDEA}).status_code == 403
    assert not DraftPrompt.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "promptText"),
        ({"promptText": "short"}, "promptText"),
        ({"promptText": "x" * 5_001}, "promptText"),
        ({"promptText": 7}, "promptText"),
        ({"promptText": None}, "promptText"),
        ({"promptText": "\u0000" * 20}, "promptText"),
        ({"promptText": "", "transcriptText": "x" * 50_001}, "transcriptText"),
        ({"promptText": IDEA, "options": {"nichePreset": "horror"}}, "options.nichePreset"),
        ({"promptText": IDEA, "options": {"targetMinutes": 31}}, "options.targetMinutes"),
        ({"promptText": IDEA, "options": {"targetMinutes": float("nan")}}, "options.targetMinutes"),
        ({"promptText": IDEA, "options": {"targetMinutes": "x"}}, "options.targetMinutes"),
        ({"promptText": IDEA, "options": {"speed": 2.1}}, "options.speed"),
        ({"promptText": IDEA, "options": {"shape": "4:3"}}, "options.shape"),
        ({"promptText": IDEA, "options": {"voiceId": "../../etc/passwd"}}, "options.voiceId"),
        ({"promptText": IDEA, "options": {"language": "<b>"}}, "options.language"),
        ({"promptText": IDEA, "options": {"title": "x" * 201}}, "options.title"),
        ({"promptText": IDEA, "options": {"voiceProfileId": "x"}}, "options.voiceProfileId"),
        ({"promptText": IDEA, "options": {"seed": 2**31}}, "options.seed"),
        ({"promptText": IDEA, "options": {"unknown": 1}}, "options.unknown"),
        ({"promptText": IDEA, "options": []}, "options"),
        ({"promptText": IDEA, "extra": 1}, "extra"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_kept(client, body, field):
    answer = post(client, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["details"]) == [field]
    assert not DraftPrompt.objects.exists()
    assert COOKIE not in answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"promptText": "\\ud800 lone surrogate"}'])
def test_body_that_cannot_be_read_is_a_typed_error(client, raw):
    answer = client.post("/api/draft", raw, content_type="application/json")

    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or answer.json()["code"] == "VALIDATION_ERROR"


@pytest.mark.django_db
def test_unicode_and_emoji_come_back_as_they_were(client):
    text = "Naïve 漢字 🚀👩‍🚀 \u202eright to left\u202c 'quotes' \"and\" <b>tags</b>"
    post(client, {"promptText": text})

    assert client.get("/api/draft").json()["promptText"] == text


@pytest.mark.django_db
def test_eleventh_draft_of_an_address_says_when_to_come_back(client):
    for _ in range(10):
        post(client, {"promptText": IDEA})

    answer = post(client, {"promptText": IDEA})

    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
    assert 3_590 <= answer.json()["details"]["retryAfterSeconds"] <= 3_600
    assert answer["Retry-After"] == str(answer.json()["details"]["retryAfterSeconds"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/api/draft", "/"])
def test_fifty_clients_with_spoofed_addresses_keep_ten_drafts(path):
    def send(number: int) -> int:
        headers = {"X-Forwarded-For": f"203.0.113.{number}, 203.0.113.9", "X-Real-IP": f"203.0.113.{number}"}
        text = f"Idea number {number} of many"
        if path == "/":
            return Client().post(path, {"prompt": text}, headers=headers).status_code
        return post(Client(), {"promptText": text}, headers=headers).status_code

    answers = at_once(send)

    assert answers.count(429) == 40
    assert DraftPrompt.objects.count() == 10
