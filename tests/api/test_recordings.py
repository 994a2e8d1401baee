"""A script that the user read themselves, by HTTP."""

from __future__ import annotations

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.pipeline.blobs import storage_name
from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Brief
from apps.pipeline.models import Job
from apps.pipeline.recordings import recording_of
from tests.media.recordings import tone
from tests.pages.test_recording import SCRIPT, sound

RECORDINGS, PROJECTS = "/api/v1/recordings", "/api/v1/projects"


def send(client, content: bytes):
    return client.post(RECORDINGS, {"file": SimpleUploadedFile("me.wav", content)})


def order(client, **changed: object):
    asked = {
        "transcriptMode": "manual",
        "transcriptText": SCRIPT,
        "nichePreset": "facts",
        "targetMinutes": 1,
        "language": "en",
    }
    return client.post(PROJECTS, {**asked, **changed}, "application/json")


def test_a_recording_is_kept_and_ordered_with(program, trivial):
    sent = send(program, sound().read())

    started = order(program, recording=sent.json()["recording"])

    assert (sent.status_code, sent.json()["durationMs"], started.status_code) == (201, 8000, 201)
    brief = from_json(Job.objects.get().brief, Brief)
    assert (brief.voice.provider, brief.language, brief.recording.seconds) == ("recording", "en-US", 8.0)


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"#EXTM3U\nfile:///etc/passwd\n", tone(0.2)])
def test_what_is_no_reading_is_refused_in_words(program, content):
    answer = send(program, content)

    assert (answer.status_code, answer.json()["code"], list(answer.json()["details"])) == (
        400,
        "VALIDATION_ERROR",
        ["file"],
    )


def test_recordings_of_a_user_are_counted_and_one_too_many_is_not_kept(program, owner, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "recording_upload": "1/h/user"}
    first = send(program, tone(2.0))

    second = send(program, sound().read())

    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 429, "RATE_LIMITED")
    assert second.json()["error"] == "That were many recordings in a short time. Please try again later."
    assert second["Retry-After"] == str(second.json()["details"]["retryAfterSeconds"])
    assert stored_of(owner) == 1


def test_what_is_too_large_or_empty_counts_against_nobody(program, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "recording_upload": "1/h/user"}

    assert [send(program, content).status_code for content in (b"", b"", tone(2.0))] == [400, 400, 201]


def stored_of(user) -> int:
    kept = storages["generated-assets"]
    return sum(len(kept.listdir(f"{user.pk}/{folder}")[1]) for folder in kept.listdir(str(user.pk))[0])


def test_a_recording_of_somebody_else_is_none(program, foreign_program, trivial):
    ticket = send(foreign_program, sound().read()).json()["recording"]

    answer = order(program, recording=ticket)

    assert (answer.status_code, answer.json()["details"]) == (
        400,
        {"recording": "None of your recordings has this name. Upload it first."},
    )
    assert not Job.objects.exists()


def test_a_recording_that_waited_too_long_for_its_order_is_asked_for_again(program, owner, trivial):
    ticket = send(program, sound().read()).json()["recording"]
    storages["generated-assets"].delete(storage_name(owner.pk, recording_of(owner.pk, ticket).file))

    answer = order(program, recording=ticket)

    sentence = "This recording is no longer kept. Upload it again, and order with the name that is answered then."
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["details"] == {"recording": sentence}
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"voiceId": "en-gb"}, "recording"),
        ({"transcriptText": SCRIPT * 20}, "recording"),
        ({"language": "ja"}, "language"),
        ({"transcriptMode": "auto", "promptText": "Why do cats purr at night?"}, "voiceId"),
    ],
)
def test_what_does_not_go_with_a_recording_is_named(program, trivial, changed, field):
    answer = order(program, recording=send(program, sound().read()).json()["recording"], **changed)

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
    assert not Job.objects.exists()
