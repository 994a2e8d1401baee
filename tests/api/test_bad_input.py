"""Whatever is wrong with a request is said in words and a code; nothing is stored and nothing spent."""

from __future__ import annotations

import json
import uuid

import pytest
from django.utils import timezone

from apps.billing.queries import balance
from apps.drafts.actions import DraftText, save_draft
from apps.drafts.models import DraftPrompt
from apps.pipeline.models import Job, Project, VoiceProfile
from tests.api.test_projects import ORDER

PROJECTS = "/api/v1/projects"
FIELDS = [
    ({"promptText": 7}, "promptText"),
    ({"promptText": None}, "promptText"),
    ({"promptText": ""}, "promptText"),
    ({"promptText": "too short"}, "promptText"),
    ({"promptText": "?!?! ... !!!!!"}, "promptText"),
    ({"promptText": "x " * 2_501}, "promptText"),
    ({"promptText": "\ud800 lone surrogate"}, "promptText"),
    ({"promptText": "\x00" * 20}, "promptText"),
    ({"title": "t" * 201}, "title"),
    ({"title": ["a"]}, "title"),
    ({"nichePreset": "gardening"}, "nichePreset"),
    ({"nichePreset": None}, "nichePreset"),
    ({"targetMinutes": 0.4}, "targetMinutes"),
    ({"targetMinutes": 31}, "targetMinutes"),
    ({"targetMinutes": -1}, "targetMinutes"),
    ({"targetMinutes": "2"}, "targetMinutes"),
    ({"targetMinutes": True}, "targetMinutes"),
    ({"targetMinutes": 10**400}, "targetMinutes"),
    ({"targetMinutes": float("nan")}, "targetMinutes"),
    ({"targetMinutes": float("inf")}, "targetMinutes"),
    ({"transcriptMode": "later"}, "transcriptMode"),
    ({"transcriptMode": "manual"}, "transcriptText"),
    ({"transcriptMode": "manual", "transcriptText": "short"}, "transcriptText"),
    ({"transcriptMode": "manual", "transcriptText": "word " * 10_001}, "transcriptText"),
    ({"voiceId": "nobody"}, "voiceId"),
    ({"voiceProfileId": "no-id"}, "voiceProfileId"),
    ({"voiceProfileId": str(uuid.uuid4())}, "voiceProfileId"),
    ({"speed": 2.1}, "speed"),
    ({"speed": "fast"}, "speed"),
    ({"shape": "4:3"}, "shape"),
    ({"pace": "hasty"}, "pace"),
    ({"language": "xx"}, "language"),
    ({"captionStyle": "comic"}, "captionStyle"),
    ({"captionPosition": "left"}, "captionPosition"),
    ({"music": "loud"}, "music"),
    ({"onScreenTitles": "yes"}, "onScreenTitles"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**31}, "seed"),
    ({"seed": 1.5}, "seed"),
    ({"draftId": "no-id"}, "draftId"),
    ({"targetMinuets": 2}, "targetMinuets"),
]


@pytest.fixture(autouse=True)
def _nothing_is_stored_or_spent(owner):
    yield
    assert (Project.objects.count(), Job.objects.count(), VoiceProfile.objects.count()) == (0, 0, 0)
    assert (balance(owner.pk).available, balance(owner.pk).held) == (100, 0)


@pytest.mark.parametrize(("changes", "field"), FIELDS)
def test_field_that_does_not_fit_is_named(program, changes, field):
    answer = program.generic("POST", PROJECTS, json.dumps({**ORDER, **changes}), "application/json")

    said = answer.json()
    assert (answer.status_code, said["code"], list(said["details"])) == (400, "VALIDATION_ERROR", [field])
    assert said["error"]
    assert said["details"][field]


@pytest.mark.parametrize("missing", ["nichePreset", "targetMinutes"])
def test_missing_field_is_named(program, missing):
    body = {name: value for name, value in ORDER.items() if name != missing}

    answer = program.post(PROJECTS, body, "application/json")

    assert (answer.status_code, list(answer.json()["details"])) == (400, [missing])


@pytest.mark.parametrize("body", ["{", '{"promptText": }', "", "[]", "null", "\x00", '{"a": ' * 50_000, "9" * 5_000])
def test_body_that_is_no_order_is_refused(program, body):
    answer = program.generic("POST", PROJECTS, body, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("address", [PROJECTS, "/api/draft"])
def test_body_above_a_megabyte_is_too_large(program, address):
    answer = program.post(address, {"promptText": "x" * 1_000_001}, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (413, "VALIDATION_ERROR")
    assert not DraftPrompt.objects.exists()


@pytest.mark.parametrize("whose", ["unknown", "stranger's", "anonymous"])
def test_draft_that_is_not_one_s_own_is_not_found(program, stranger, whose):
    owners = {"stranger's": stranger, "anonymous": None}
    draft_id = uuid.uuid4()
    if whose in owners:
        text = DraftText("Why is the sky blue at noon?")
        saved = save_draft(token="", client_address="192.0.2.1", order=text, user=owners[whose], at=timezone.now())
        draft_id = saved.draft_id

    answer = program.post(PROJECTS, {**ORDER, "promptText": "", "draftId": str(draft_id)}, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("token", ["stolen-token", "x" * 5_000, "\x00", "' OR 1=1 --"])
def test_token_of_no_draft_finds_none(client, token):
    client.cookies["draft"] = token

    answer = client.get("/api/draft")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_expired_draft_is_not_found(client):
    client.post("/api/draft", {"promptText": "Why is the sky blue at noon?"}, "application/json")
    DraftPrompt.objects.update(created_at=timezone.now(), expires_at=timezone.now())

    assert client.get("/api/draft").status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1", f"offset={10**30}"])
def test_page_out_of_range_is_refused(program, query):
    answer = program.get(f"{PROJECTS}?{query}")

    assert (answer.status_code, list(answer.json()["details"])) == (400, [query.split("=")[0]])


@pytest.mark.parametrize("query", ["before=0", "before=x", f"before={2**31}", "limit=201"])
def test_history_out_of_range_is_refused(program, query):
    answer = program.get(f"/api/v1/credits/history?{query}")

    assert (answer.status_code, list(answer.json()["details"])) == (400, [query.split("=")[0]])
