"""Voices of users' own, by HTTP."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.pipeline import voice_learning
from apps.pipeline.models import Job, VoiceProfile, VoiceSample
from tests.media.recordings import endless_flac, tone
from tests.wire import server as wire
from tests.wire.accounts import speaking
from tests.wire.elevenlabs import ElevenLabsServer

VOICES = "/api/v1/voice-profiles"


@pytest.fixture(autouse=True)
def _site_learns_voices(settings):
    settings.CLONER = "elevenlabs"


def send(client, *contents: bytes, **fields: str):
    samples = [SimpleUploadedFile(f"{number}.wav", content) for number, content in enumerate(contents)]
    return client.post(VOICES, {"name": "Mine", "consent": "true", "samples": samples, **fields})


def test_voice_is_kept_listed_and_deleted(program):
    sent = send(program, tone())

    voice = sent.json()
    assert (sent.status_code, voice["name"], voice["status"]) == (201, "Mine", "PENDING")
    assert [sample["durationMs"] for sample in voice["samples"]] == [2000]
    assert program.get(VOICES).json() == {"voiceProfiles": [voice]}
    assert program.delete(f"{VOICES}/{voice['id']}").status_code == 204
    assert program.get(VOICES).json() == {"voiceProfiles": []}


def test_site_that_cannot_learn_voices_keeps_none(program, settings):
    settings.CLONER = ""

    answer = send(program, tone())

    assert (answer.status_code, answer.json()["error"]) == (409, "This site cannot learn voices.")
    assert not VoiceProfile.objects.exists()


def test_uploads_of_pages_and_programs_count_together(browser, program, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "voice_upload": "2/h/user"}
    browser.post("/app/voices", {"name": ""})

    answers = [send(program, b"") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 429]
    refused = answers[-1].json()
    assert refused["error"] == "That were many uploads in a short time. Please try again in an hour."
    assert 3_590 < refused["details"]["retryAfterSeconds"] <= 3_600
    assert answers[-1]["Retry-After"] == str(refused["details"]["retryAfterSeconds"])


def test_foreign_voice_cannot_be_seen_used_or_deleted(program, foreign_program, trivial):
    voice = send(program, tone()).json()["id"]
    order = {"promptText": "Why do cats purr?", "nichePreset": "facts", "targetMinutes": 1, "voiceProfileId": voice}

    answers = [foreign_program.delete(f"{VOICES}/{id}") for id in (voice, uuid.uuid4(), "no-id")]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.content for answer in answers}) == 1
    assert foreign_program.get(VOICES).json() == {"voiceProfiles": []}
    assert list(foreign_program.post("/api/v1/projects", order, "application/json").json()["details"]) == [
        "voiceProfileId"
    ]
    assert VoiceProfile.objects.get().deleted_at is None


@pytest.mark.parametrize(
    ("contents", "fields", "named"),
    [
        ([b"<html><body>no sound</body></html>"], {}, "samples.0"),
        ([b"\x89PNG\r\n\x1a\n" + bytes(200)], {}, "samples.0"),
        ([b"ffconcat version 1.0\nfile /etc/passwd\n"], {}, "samples.0"),
        ([b""], {}, "samples.0"),
        ([tone()], {"consent": "false"}, "consent"),
        ([tone()], {"consent": "perhaps"}, "consent"),
        ([tone()], {"name": " "}, "name"),
        ([tone()], {"name": "a\x00b"}, "name"),
        ([], {}, "samples"),
    ],
)
def test_bad_voice_is_refused_in_words_and_nothing_is_kept(program, contents, fields, named):
    answer = send(program, *contents, **fields)

    assert (answer.status_code, answer.json()["code"], list(answer.json()["details"])) == (
        400,
        "VALIDATION_ERROR",
        [named],
    )
    assert (VoiceProfile.objects.count(), VoiceSample.objects.count()) == (0, 0)


def test_ten_hours_of_sound_in_four_megabytes_are_refused(program):
    answer = send(program, endless_flac())

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["samples.0"])
    assert not VoiceProfile.objects.exists()


def test_form_that_cannot_be_read_is_refused(program):
    answer = program.generic("POST", VOICES, b"--x\r\nnonsense", "multipart/form-data; boundary=")

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def order_with(client, voice_id: object, **changed: object):
    order = {"promptText": "Why do cats purr at night?", "nichePreset": "facts", "targetMinutes": 1}
    return client.post("/api/v1/projects", {**order, "voiceProfileId": str(voice_id), **changed}, "application/json")


@pytest.fixture
def vendor(settings):
    with wire.serving(ElevenLabsServer()) as server, speaking(settings, elevenlabs=server):
        yield server


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("PENDING", "This voice is still being learned. Order again when it is ready."),
        ("PROCESSING", "This voice is still being learned. Order again when it is ready."),
        ("FAILED", "This voice could not be learned. Delete it and add it again with other recordings."),
    ],
)
def test_order_with_a_voice_that_is_not_ready_is_refused_in_words(program, vendor, trivial, state, sentence):
    voice = send(program, tone()).json()["id"]
    VoiceProfile.objects.update(state=state)

    answer = order_with(program, voice)

    assert (answer.status_code, answer.json()["details"]) == (400, {"voiceProfileId": sentence})
    assert not Job.objects.exists()


@pytest.mark.parametrize(("asked", "spoken"), [({}, "en"), ({"language": "es"}, "es")])
def test_ready_voice_tells_the_video_in_the_asked_language(program, vendor, trivial, asked, spoken):
    voice = send(program, tone()).json()["id"]
    voice_learning.work_on(uuid.UUID(voice))

    listed = program.get(VOICES).json()["voiceProfiles"][0]
    answer = order_with(program, voice, **asked)

    assert (listed["status"], listed["language"], listed["errorMessage"]) == ("READY", "en", None)
    assert answer.status_code == 201
    brief = Job.objects.get().brief
    assert (brief["voice"]["provider"], brief["voice"]["voice_profile_id"], brief["language"]) == (
        "elevenlabs",
        voice,
        spoken,
    )


@pytest.mark.parametrize("language", ["tlh", "xx-YY"])
def test_own_voice_in_a_language_that_nobody_here_reads_is_refused(program, vendor, trivial, language):
    voice = send(program, tone()).json()["id"]
    voice_learning.work_on(uuid.UUID(voice))

    answer = order_with(program, voice, language=language)

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["language"])


def test_reason_of_a_voice_that_could_not_be_learned_is_told(program, vendor):
    voice = send(program, tone()).json()["id"]
    vendor.fail(wire.status(400, "voice_limit_reached"))

    voice_learning.work_on(uuid.UUID(voice))

    listed = program.get(VOICES).json()["voiceProfiles"][0]
    assert listed["status"] == "FAILED"
    assert listed["errorMessage"].startswith("The voice service has no place for another voice.")


def test_unknown_language_is_refused(program):
    answer = send(program, tone(), language="tlh")

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["language"])
