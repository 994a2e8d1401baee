"""A video from the order to its files, by HTTP."""

from __future__ import annotations

import uuid

import pytest

from apps.billing.models import LedgerEntry
from apps.billing.queries import balance
from apps.drafts.models import DraftPrompt
from apps.notifications.models import Notification
from apps.pipeline.api_bodies import ProjectIn
from apps.pipeline.codec import digest
from apps.pipeline.models import Job, Project
from tests.api.conftest import person
from tests.engine.test_runner import run

ORDER = {"promptText": "Why do cats purr at night?", "nichePreset": "explainer", "targetMinutes": 2}
NOT_FOUND = {"error": "There is nothing here under that name.", "code": "NOT_FOUND", "details": {}}


@pytest.fixture(autouse=True)
def _small_pipeline(trivial):
    pass


def order(client, *, key: str = "", **changes: object):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/v1/projects", {**ORDER, **changes}, "application/json", headers=headers)


def finished(client) -> Job:
    return run(Job.objects.get(pk=order(client).json()["jobId"]))


def test_order_starts_a_job_and_sets_credits_aside(program, owner):
    answer = order(program)

    job = Job.objects.get()
    assert (answer.status_code, answer.json()) == (201, {"projectId": str(job.project_id), "jobId": str(job.pk)})
    assert (balance(owner.pk).available, balance(owner.pk).held) == (98, 2)


def test_every_choice_reaches_the_brief(program):
    order(
        program,
        title="Cats",
        transcriptMode="manual",
        transcriptText="Cats purr. They do it at night, too.",
        speed=1.5,
        shape="9:16",
        pace="slow",
        captionStyle="karaoke",
        captionPosition="top",
        music="ambient",
        onScreenTitles=True,
        seed=7,
        language="en",
    )

    brief = Job.objects.get().brief
    chosen = [brief[field] for field in ("title", "transcript_text", "shape", "pace", "seed", "on_screen_titles")]
    assert chosen == ["Cats", "Cats purr. They do it at night, too.", "9:16", "slow", 7, True]
    assert (brief["voice"]["speed"], brief["captions"], brief["music"]["kind"]) == (
        1.5,
        {"style": "karaoke", "position": "top"},
        "ambient",
    )


def test_order_without_enough_credits_costs_nothing(client, db):
    poor = person("poor@example.com", credits=3)
    client.force_login(poor)

    answer = order(client, targetMinutes=30, nichePreset="history")

    assert (answer.status_code, answer.json()) == (
        402,
        {
            "error": "This needs 45 credits; you have 3.",
            "code": "INSUFFICIENT_CREDITS",
            "details": {"required": 45, "available": 3},
        },
    )
    assert not Project.objects.exists()


def test_sixth_open_video_is_refused(program):
    statuses = [order(program).status_code for _ in range(6)]

    assert statuses == [201, 201, 201, 201, 201, 429]
    assert Job.objects.count() == 5


def test_same_key_and_body_give_the_same_answer(program, owner):
    first, second = order(program, key="monday"), order(program, key="monday")

    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert LedgerEntry.objects.filter(user=owner, kind="RESERVE").count() == 1


def test_same_key_with_another_body_is_a_conflict(program):
    order(program, key="monday")

    answer = order(program, key="monday", targetMinutes=3)

    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert Job.objects.count() == 1


def test_field_that_was_left_out_plays_no_part_in_what_a_key_stands_for(program):
    """So that a repeat is known again although a field, with its default, was added by a deployment meanwhile."""
    order(program, key="monday")

    said = {"prompt_text": ORDER["promptText"], "niche_preset": "explainer", "target_minutes": 2.0}
    assert Job.objects.get().request_digest == digest("projects", said)
    assert order(program, key="monday", speed=1.0, voiceId="", seed=None).status_code == 201


OTHERWISE = {
    "title": "Cats",
    "promptText": "Why do dogs bark at night?",
    "nichePreset": "facts",
    "targetMinutes": 3,
    "transcriptMode": "manual",
    "transcriptText": "Cats purr.",
    "voiceId": "en-gb",
    "voiceProfileId": str(uuid.UUID(int=1)),
    "speed": 1.5,
    "language": "de",
    "pace": "slow",
    "shape": "9:16",
    "captionStyle": "karaoke",
    "captionPosition": "top",
    "music": "ambient",
    "onScreenTitles": True,
    "seed": 0,
    "recording": "WyI4ZjQw",
    "draftId": str(uuid.UUID(int=2)),
}


def test_bodies_that_differ_in_any_field_stay_different():
    bodies = [
        ProjectIn.model_validate({**ORDER, **changed}) for changed in ({}, *({k: v} for k, v in OTHERWISE.items()))
    ]

    assert len(OTHERWISE) == len(ProjectIn.model_fields)
    assert len({digest(body.said()) for body in bodies}) == len(bodies)


def test_key_of_one_user_means_nothing_for_another(program, foreign_program):
    assert [order(client, key="monday").status_code for client in (program, foreign_program)] == [201, 201]


@pytest.mark.parametrize("key", ["", "x" * 121, "two words", "käse"])
def test_idempotency_key_that_is_none_is_refused(program, key):
    answer = program.post(
        "/api/v1/projects", ORDER, "application/json", headers={"Idempotency-Key": key.encode().decode("latin-1")}
    )

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["Idempotency-Key"])
    assert not Job.objects.exists()


@pytest.mark.parametrize(("other", "status"), [({}, 201), ({"targetMinutes": 3}, 409)])
def test_key_is_looked_at_before_what_an_order_points_to(browser, other, status):
    text = {"promptText": "Why is the sky blue at noon?"}
    draft_id = browser.post("/api/draft", text, "application/json").json()["draftId"]
    asked = {"key": "monday", "promptText": "", "draftId": draft_id}
    first = order(browser, **asked)
    DraftPrompt.objects.all().delete()

    again = order(browser, **{**asked, **other})

    assert (first.status_code, again.status_code, Job.objects.count()) == (201, status, 1)
    assert (again.json() == first.json()) is (status == 201)


def test_draft_gives_its_text(browser):
    draft_id = browser.post(
        "/api/draft", {"promptText": "Why is the sky blue at noon?", "options": {}}, "application/json"
    ).json()["draftId"]

    answer = order(browser, promptText="", draftId=draft_id)

    assert answer.status_code == 201
    assert DraftPrompt.objects.get().ordered_at is not None
    assert Job.objects.get().brief["prompt"] == "Why is the sky blue at noon?"


def test_list_is_newest_first_and_paged(program, foreign_program):
    ids = [order(program).json()["projectId"] for _ in range(3)]
    order(foreign_program)

    page = program.get("/api/v1/projects?limit=2&offset=1").json()

    assert ([project["id"] for project in page["projects"]], page["total"]) == ([ids[1], ids[0]], 3)


def test_project_shows_its_newest_job(program):
    started = order(program).json()

    project = program.get(f"/api/v1/projects/{started['projectId']}").json()

    assert (project["id"], project["title"]) == (started["projectId"], "Why do cats purr at night?")
    assert (project["job"]["id"], project["job"]["status"]) == (started["jobId"], "QUEUED")


def test_status_has_the_job_and_its_steps(program):
    job_id = order(program).json()["jobId"]

    answer = program.get(f"/api/v1/jobs/{job_id}/status").json()

    job = {
        name: answer["job"][name] for name in ("id", "status", "progress", "failedStep", "errorCode", "errorMessage")
    }
    assert job == {
        "id": job_id,
        "status": "QUEUED",
        "progress": 0,
        "failedStep": None,
        "errorCode": None,
        "errorMessage": None,
    }
    assert answer["steps"][0] == {"name": "SCRIPTING", "state": "QUEUED", "progress": 0, "message": ""}


def test_failed_job_names_its_step_and_gives_credits_back(program, owner):
    job = run(Job.objects.get(pk=order(program, promptText="these are words refused").json()["jobId"]))

    answer = program.get(f"/api/v1/jobs/{job.pk}/status").json()

    assert (answer["job"]["status"], answer["job"]["failedStep"]) == ("FAILED", "VOICE_GEN")
    assert [step["name"] for step in answer["steps"] if step["state"] == "FAILED"] == ["VOICE_GEN"]
    assert balance(owner.pk).available == 100


def test_finished_job_has_files_to_download(program, client):
    job = finished(program)

    answer = program.get(f"/api/v1/jobs/{job.pk}/assets").json()
    first = answer["assets"][0]
    link = program.post(f"/api/v1/assets/{first['id']}/download").json()

    assert [asset["filename"] for asset in answer["assets"]][:2] == ["0.txt", "1.txt"]
    path = link["downloadUrl"].removeprefix("http://127.0.0.1:8000")
    assert b"".join(client.get(path).streaming_content) == b"WHY"


def test_unfinished_job_has_no_files(program):
    job_id = order(program).json()["jobId"]

    assert program.get(f"/api/v1/jobs/{job_id}/assets").json() == {
        "assets": [],
        "manifest": None,
        "keptUntil": None,
        "deletedAt": None,
    }


def test_stopped_job_gives_its_credits_back_and_cannot_be_stopped_again(program, owner):
    address = f"/api/v1/jobs/{order(program).json()['jobId']}/cancel"

    first, second = program.post(address), program.post(address)

    assert (first.status_code, first.json()["job"]["status"]) == (200, "CANCELED")
    assert (second.status_code, second.json()["code"]) == (409, "CONFLICT")
    assert balance(owner.pk).available == 100


def test_stopped_job_can_be_made_again(program):
    started = order(program).json()
    program.post(f"/api/v1/jobs/{started['jobId']}/cancel")

    answer = program.post(f"/api/v1/jobs/{started['jobId']}/retry")

    assert (answer.status_code, answer.json()["projectId"]) == (201, started["projectId"])
    assert answer.json()["jobId"] != started["jobId"]


def test_finished_job_is_not_made_again(program):
    job = finished(program)

    answer = program.post(f"/api/v1/jobs/{job.pk}/retry")

    assert (answer.status_code, answer.json()["code"], Job.objects.count()) == (409, "CONFLICT", 1)


def test_deleted_project_is_gone_and_its_ledger_stays(program, owner):
    job = finished(program)

    answer = program.delete(f"/api/v1/projects/{job.project_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert program.get(f"/api/v1/projects/{job.project_id}").json() == NOT_FOUND
    assert program.get(f"/api/v1/jobs/{job.pk}/assets").json() == NOT_FOUND
    assert program.get("/api/v1/projects").json() == {"projects": [], "total": 0}
    assert LedgerEntry.objects.filter(job_id=job.pk).count() == 2


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/api/v1/projects/{project}"),
        ("DELETE", "/api/v1/projects/{project}"),
        ("GET", "/api/v1/jobs/{job}/status"),
        ("GET", "/api/v1/jobs/{job}/assets"),
        ("POST", "/api/v1/jobs/{job}/cancel"),
        ("POST", "/api/v1/jobs/{job}/retry"),
        ("POST", "/api/v1/assets/{asset}/download"),
    ],
)
def test_foreign_unknown_and_malformed_ids_get_the_same_answer(program, foreign_program, method, address):
    job = finished(program)
    told = Notification.objects.count()
    owned = {"project": job.project_id, "job": job.pk, "asset": job.assets.first().pk}
    unknown = dict.fromkeys(owned, uuid.uuid4())
    malformed = dict.fromkeys(owned, "no-id")

    answers = [
        client.generic(method, address.format(**ids))
        for client, ids in ((foreign_program, owned), (program, unknown), (program, malformed))
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, NOT_FOUND)] * 3
    assert (Job.objects.count(), Notification.objects.count()) == (1, told)
