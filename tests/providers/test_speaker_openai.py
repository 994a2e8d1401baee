"""OpenAI's voices, through the vendor's SDK against a server on loopback."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.speaker.openai import OpenAISpeaker
from apps.pipeline.steps.voice import VoiceStep
from tests.pipeline.folder_store import folder_context
from tests.pipeline.spoken import script_of, voice_inputs
from tests.providers.voicing import FAULTS, WORDS, account, assert_ends_as_declared, request, sound
from tests.wire import server as wire
from tests.wire.contracts import violations
from tests.wire.openai_speech import KEY, speech_server

MODEL = "gpt-4o-mini-tts"
BAD_SOUNDS = {
    "empty": b"",
    "half a sample": sound(3) + b"\0",
    "cut after a syllable": sound(0.1),
    "far too long": sound(60),
    "silent": sound(3, loud=False),
    "an error with 200": json.dumps({"error": {"message": "no"}}).encode(),
    "a page": b"<!doctype html>\n<html><body>busy</body></html>\n" * 3_000,
    "a file": b"RIFF" + sound(3),
}


@pytest.fixture
def server():
    with wire.serving(speech_server()) as server:
        yield server


def speaker(server: wire.WireServer, model: str = MODEL, key: str = KEY) -> OpenAISpeaker:
    return OpenAISpeaker(account("openai", f"{server.url}/v1", key, model))


def test_scene_is_spoken_in_one_call_and_its_cost_counted(server):
    speech = speaker(server).speak(request(voice_id="coral"))

    assert 2.0 < len(speech.pcm) / 2 / speech.sample_rate < 6.0
    assert (speech.sample_rate, speech.word_times) == (24_000, None)
    assert (speech.usage.model, speech.usage.units) == (MODEL, len(WORDS))
    assert speech.usage.cost_micro_usd == len(WORDS) * 20
    (call,) = server.paid
    assert call.json == {
        "model": MODEL,
        "voice": "coral",
        "input": WORDS,
        "response_format": "pcm",
        "speed": 0.94,
        "instructions": "Read this narration in English, clearly and evenly.",
    }


def test_requests_are_as_the_vendor_describes_them(server):
    for model, voice, rate in ((MODEL, "marin", 400), ("tts-1", "nova", 60)):
        speaker(server, model).speak(request(voice_id=voice, words_per_minute=rate))

    assert violations("openai", server.calls, base="/v1") == []


def test_take_with_a_hole_in_it_is_not_kept(server, tmp_path):
    step, context = VoiceStep(), folder_context(tmp_path)
    context.provider = speaker(server)
    asked = replace(step.parts(voice_inputs(script_of()))["s1"], voice_id="coral")
    server.fail(wire.answer(sound(2) + sound(4, loud=False) + sound(2), "audio/pcm"))

    with pytest.raises(Transient) as raised:
        step.make_part(asked, context)

    assert raised.value.code == "voice_bad_audio"
    assert str(raised.value).endswith("4.0 s of silence between the words, after 2.0 s")
    assert context.store.puts == []


@pytest.mark.parametrize(("words_per_minute", "speed"), [(20, 0.25), (80, 0.5), (160, 1.0), (320, 2.0), (900, 4.0)])
def test_pace_becomes_a_speed_within_the_limits(server, words_per_minute, speed):
    server.fail(wire.answer(sound(6), "audio/pcm"))

    with suppress(Transient):
        speaker(server).speak(request(voice_id="coral", words_per_minute=words_per_minute))

    assert server.calls[0].json["speed"] == speed


def test_first_models_have_nine_voices_and_take_no_instructions(server):
    first = speaker(server, "tts-1")

    first.speak(request(voice_id="nova"))

    assert "instructions" not in server.calls[0].json
    assert len({voice.voice_id for voice in first.voices()}) == 9
    with pytest.raises(Rejected, match="no voice “marin”"):
        first.speak(request(voice_id="marin"))


def test_every_voice_is_there_in_every_language(server):
    voices = speaker(server).voices()

    assert len(voices) == 13 * 23
    assert [voice.name for voice in voices if voice.language == "de"][:2] == ["Marin", "Cedar"]
    assert server.calls == []


@pytest.mark.parametrize(
    ("text", "voice_id", "code"),
    [("word " * 900, "coral", "text_too_long"), ("— …", "coral", "no_words"), (WORDS, "nobody", "unknown_voice")],
)
def test_what_cannot_be_said_is_refused_before_anything_is_paid(server, text, voice_id, code):
    with pytest.raises(Rejected) as raised:
        speaker(server).speak(request(text, voice_id))

    assert raised.value.code == code
    assert server.calls == []


def test_words_that_the_vendor_refuses_are_a_refusal(server):
    server.fail(wire.status(400, "content_policy_violation"))

    with pytest.raises(Rejected) as raised:
        speaker(server).speak(request(voice_id="coral"))

    assert raised.value.code == "voice_refused"


def test_wrong_key_is_told_as_such(server):
    assert_ends_as_declared(
        lambda: speaker(server, key="sk-other").speak(request(voice_id="coral")), *FAULTS["401"][1:]
    )


@pytest.mark.goal("R13")
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_the_vendor_ends_as_declared_after_one_call(server, fault):
    what, kind, code = FAULTS[fault]
    server.fail(what)

    assert_ends_as_declared(lambda: speaker(server).speak(request(voice_id="coral")), kind, code)

    assert len(server.calls) == 1


@pytest.mark.goal("R13")
@pytest.mark.parametrize("bad", BAD_SOUNDS)
def test_sound_that_cannot_be_the_words_is_not_taken(server, bad):
    server.fail(wire.answer(BAD_SOUNDS[bad], "audio/pcm"))

    assert_ends_as_declared(lambda: speaker(server).speak(request(voice_id="coral")), Transient, "voice_bad_audio")


def test_sound_that_is_not_taken_costs_what_it_did(server):
    good = speaker(server).speak(request(voice_id="coral")).usage
    server.fail(wire.answer(next(iter(BAD_SOUNDS.values())), "audio/pcm"))

    with pytest.raises(Transient) as raised:
        speaker(server).speak(request(voice_id="coral"))

    assert raised.value.usage == good


def test_identity_names_the_model(server):
    assert speaker(server).identity != speaker(server, "tts-1").identity
