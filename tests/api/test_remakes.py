"""Scenes of a video read and changed by a program."""

from __future__ import annotations

import uuid

import pytest

from apps.billing.queries import balance
from apps.pipeline import actions
from apps.pipeline.models import Job
from tests.api.conftest import key_client
from tests.api.test_projects import NOT_FOUND
from tests.engine.conftest import sketched
from tests.engine.test_remakes import SCENES, laid, moderator, scene_of
from tests.pages.test_scenes import fields_of

__all__ = ["moderator", "sketched"]

CHANGES = [{"scene": 1, "words": "Something new is said."}, {"scene": 3, "newPicture": True}]


@pytest.fixture
def job(owner, sketched) -> Job:
    return laid(owner)


def remake(client, job: Job, scenes: object = CHANGES, *, key: str = "", **more: object):
    headers = {"Idempotency-Key": key} if key else {}
    body = {"scenes": scenes, **more}
    return client.post(f"/api/v1/jobs/{job.pk}/remake", body, "application/json", headers=headers)


def test_scenes_have_their_words_and_what_their_pictures_show(program, job):
    answer = program.get(f"/api/v1/jobs/{job.pk}/scenes")

    assert answer.status_code == 200
    assert answer.json()["scenes"][1] == {
        "scene": 2,
        "title": "Part 2",
        "words": SCENES[1],
        "picture": "a cat",
        "seconds": 4.0,
    }
    assert len(answer.json()["scenes"]) == 4


def test_scene_with_new_words_has_them_in_its_title(program, job):
    changed = remake(program, job).json()["jobId"]

    scenes = program.get(f"/api/v1/jobs/{changed}/scenes").json()["scenes"]

    assert [scene["title"] for scene in scenes] == ["Something new is said", "Part 2", "Part 3", "Part 4"]


def test_price_of_changes_is_told_and_nothing_started(program, job, owner):
    answer = program.post(f"/api/v1/jobs/{job.pk}/remake/price", {"scenes": CHANGES}, "application/json")

    assert (answer.status_code, answer.json()) == (200, {"credits": 1, "scenes": [1, 3]})
    assert (Job.objects.count(), balance(owner.pk).held) == (1, 0)


def test_changes_start_one_job(program, job, owner):
    answer = remake(program, job, agreedCredits=1)

    made = Job.objects.exclude(pk=job.pk).get()
    assert (answer.status_code, answer.json()) == (201, {"projectId": str(job.project_id), "jobId": str(made.pk)})
    assert (made.changed_scenes, balance(owner.pk).held) == (2, 1)
    assert (scene_of(made, 1).display_text, scene_of(made, 3).take) == ("Something new is said.", 1)


def test_other_price_than_agreed_is_a_conflict_that_names_it(program, job):
    answer = remake(program, job, agreedCredits=5)

    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (
        409,
        "CONFLICT",
        {"agreed": 5, "price": 1},
    )
    assert Job.objects.count() == 1


def test_same_key_and_body_give_the_same_answer(program, job):
    first, second = remake(program, job, key="monday"), remake(program, job, key="monday")
    other = remake(program, job, [{"scene": 2, "newPicture": True}], key="monday")

    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")
    assert Job.objects.count() == 2


def test_changes_of_pages_and_programs_count_together_but_no_repeat(browser, program, job, owner, moderator, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "changed_scenes": "2/m/user"}
    words = {**fields_of(job), "words_1": "Here is a bomb at home."}
    sent = {"base": str(job.pk), "key": "page", **words, "make": "1", "agreed": "1"}
    browser.post(f"/app/videos/{job.project_id}/scenes", sent)

    another = laid(owner)

    orders = ((job, "monday"), (job, "monday"), (another, "tuesday"))
    answers = [remake(program, video, key=key) for video, key in orders]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert len(moderator.calls) == 2
    refused = answers[-1].json()
    assert refused["error"] == "That were many changes in a short time. Please try again later."
    assert 0 < refused["details"]["retryAfterSeconds"] <= 60


def test_video_that_is_being_made_is_told_before_price_and_rate(program, job, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "changed_scenes": "1/m/user"}
    remake(program, job)

    answers = [remake(program, job) for _ in range(2)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "CONFLICT")] * 2
    assert "being made right now" in answers[0].json()["error"]


def test_twin_of_an_order_that_was_just_taken_gets_its_answer(program, job, monkeypatch):
    look, twins = actions.job_under, []

    def look_too_early(*asked: object) -> None:
        monkeypatch.setattr(actions, "job_under", look)
        twins.append(remake(program, job, key="monday"))

    monkeypatch.setattr(actions, "job_under", look_too_early)
    answer = remake(program, job, key="monday")

    assert (answer.status_code, answer.json()) == (201, twins[0].json())
    assert Job.objects.count() == 2


def test_nobody_is_asked_to_judge_what_cannot_be_paid(django_user_model, sketched, moderator):
    poor = django_user_model.objects.create_user("poor@example.com")

    answer = remake(key_client(poor), laid(poor))

    assert (answer.status_code, answer.json()["details"]) == (402, {"required": 1, "available": 0})
    assert moderator.calls == []


def test_video_that_is_being_made_is_a_conflict(program, job):
    remake(program, job)

    answer = remake(program, job)

    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")


def test_version_before_the_one_that_was_finished_last_is_a_conflict(program, job):
    Job.objects.create(project=job.project, user=job.user, brief=job.brief, state="READY", finished_at=job.finished_at)

    answer = remake(program, job)

    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "There is a newer version of this video; go on from that one.",
    )


@pytest.mark.parametrize(
    ("scenes", "field"),
    [
        ([], "scenes"),
        ([{"words": "No number."}], "scenes.0.scene"),
        ([{"scene": "1"}], "scenes.0.scene"),
        ([{"scene": 0}], "scenes.0.scene"),
        ([{"scene": 1, "words": "x" * 8_001}], "scenes.0.words"),
        ([{"scene": 1, "newPicture": "yes"}], "scenes.0.newPicture"),
        ([{"scene": 1, "sound": "louder"}], "scenes.0.sound"),
        ([{"scene": 1, "words": "\ud800"}], "scenes.0.words"),
    ],
)
def test_field_that_does_not_fit_is_named(program, job, scenes, field):
    answer = remake(program, job, scenes)

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("scenes", "sentence"),
    [
        ([{"scene": 9, "newPicture": True}], "This video has no scene 9. Choose a number from 1 to 4."),
        ([{"scene": 1, "words": "…"}], "The new text of the scene has no words. Write at least one word."),
        ([{"scene": 1, "picture": " "}], "The description of the picture has no words. Say what the picture should"),
        ([{"scene": 1, "newPicture": True}] * 2, "Scene 1 is changed twice. Name it once."),
    ],
)
def test_change_that_cannot_be_made_is_refused_in_a_sentence(program, job, scenes, sentence):
    answers = [
        remake(program, job, scenes),
        program.post(f"/api/v1/jobs/{job.pk}/remake/price", {"scenes": scenes}, "application/json"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "VALIDATION_ERROR")] * 2
    assert [answer.json()["error"].startswith(sentence) for answer in answers] == [True] * 2
    assert Job.objects.count() == 1


def test_nothing_changed_is_a_conflict(program, job):
    answer = remake(program, job, [{"scene": 1, "words": SCENES[0]}])

    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")


def test_foreign_unknown_and_malformed_ids_get_the_same_answer(program, foreign_program, job):
    asked = [(foreign_program, job.pk), (program, uuid.uuid4()), (program, "no-id")]

    answers = [
        answer
        for client, job_id in asked
        for answer in (
            client.get(f"/api/v1/jobs/{job_id}/scenes"),
            client.post(f"/api/v1/jobs/{job_id}/remake", {"scenes": CHANGES}, "application/json"),
            client.post(f"/api/v1/jobs/{job_id}/remake/price", {"scenes": CHANGES}, "application/json"),
        )
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, NOT_FOUND)] * 9
    assert Job.objects.count() == 1
