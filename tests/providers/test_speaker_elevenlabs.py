"""ElevenLabs' voices, through the vendor's SDK against a server on loopback."""

from __future__ import annotations

from itertools import pairwise

import pytest

from apps.pipeline.contracts import Token
from apps.pipeline.providers.errors import PipelineError, Rejected, Transient
from apps.pipeline.providers.speaker import elevenlabs_voices
from apps.pipeline.providers.speaker.base import SpeechRequest, Voice
from apps.pipeline.providers.speaker.elevenlabs import ElevenLabsSpeaker
from tests.providers.voicing import FAULTS, WORDS, account, assert_ends_as_declared, request, sound, timed, tokens_of
from tests.wire import server as wire
from tests.wire.contracts import violations
from tests.wire.elevenlabs import CLONE, HANS, KEY, MODEL, RACHEL, ElevenLabsServer, voice

FLASH = "eleven_flash_v2_5"
BAD_ANSWERS = {
    "empty": (timed(b""), "voice_bad_audio"),
    "half a sample": (timed(sound(3) + b"\0"), "voice_bad_audio"),
    "cut after a syllable": (timed(sound(0.1)), "voice_bad_audio"),
    "far too long": (timed(sound(60)), "voice_bad_audio"),
    "silent": (timed(sound(3, loud=False)), "voice_bad_audio"),
    "no base64": (timed(b"", audio_base64="***"), "vendor_bad_answer"),
    "no sound": (wire.answer(b"{}"), "vendor_bad_answer"),
    "an error with 200": (wire.answer(b'{"detail": {"status": "busy"}}'), "vendor_bad_answer"),
    "a page": (wire.answer(b"<!doctype html><html></html>", "text/html"), "vendor_bad_answer"),
    "cut JSON": (wire.answer(b'{"audio_base64": "AAA'), "vendor_bad_answer"),
}


@pytest.fixture
def server():
    with wire.serving(ElevenLabsServer()) as server:
        yield server


def speaker(server: wire.WireServer, model: str = MODEL, key: str = KEY) -> ElevenLabsSpeaker:
    return ElevenLabsSpeaker(account("elevenlabs", server.url, key, model))


def alignment(text: str, seconds: float) -> dict[str, list[object]]:
    step = seconds / len(text)
    times = [place * step for place in range(len(text) + 1)]
    return {
        "characters": list(text),
        "character_start_times_seconds": times[:-1],
        "character_end_times_seconds": times[1:],
    }


def test_scene_is_spoken_in_one_call_and_its_cost_counted(server):
    speech = speaker(server).speak(request(voice_id=RACHEL))

    assert 2.0 < len(speech.pcm) / 2 / speech.sample_rate < 6.0
    assert (speech.usage.model, speech.usage.units) == (MODEL, len(WORDS))
    assert speech.usage.cost_micro_usd == len(WORDS) * 300
    (call,) = server.paid
    assert call.json == {"text": WORDS, "model_id": MODEL, "voice_settings": {"speed": 0.97}, "language_code": None}


def test_requests_are_as_the_vendor_describes_them(server):
    for model in (MODEL, FLASH):
        speaker(server, model).speak(request(voice_id=RACHEL))

    assert violations("elevenlabs", server.calls) == []


def test_every_word_has_its_own_time(server):
    speech = speaker(server).speak(request(voice_id=RACHEL))

    times = speech.word_times
    assert [time.index for time in times] == list(range(9))
    assert all(time.confidence == 1.0 for time in times)
    assert all(before.end <= after.start for before, after in pairwise(times))
    assert all(time.start < time.end for time in times)
    assert times[-1].end <= len(speech.pcm) / 2 / 24_000


def test_times_are_those_of_the_words_own_letters(server):
    text = "ten 🐈 cats purr"
    tokens = (Token("10", "ten"), Token("🐈", ""), Token("cats", "cats"), Token("purr", "purr", ""))
    said = "ten cats purr"
    server.fail(timed(sound(1.3), alignment=alignment(said, 1.3)))

    speech = speaker(server).speak(SpeechRequest(tokens, RACHEL, "en", 150))

    assert server.calls[0].json["text"] == said != text
    assert [(round(time.start, 2), round(time.end, 2), time.confidence) for time in speech.word_times] == [
        (0.0, 0.2, 1.0),
        (0.2, 0.4, 0.5),
        (0.4, 0.8, 1.0),
        (0.9, 1.3, 1.0),
    ]


def test_times_of_another_text_are_left_out(server):
    server.fail(timed(sound(3), alignment=alignment("Something else altogether.", 3)))

    assert speaker(server).speak(request(voice_id=RACHEL)).word_times is None


def test_answer_without_times_is_taken_without_them(server):
    server.fail(timed(sound(3)))

    assert speaker(server).speak(request(voice_id=RACHEL)).word_times is None


@pytest.mark.goal("R13")
def test_sound_that_ends_before_its_last_word_is_not_taken(server):
    server.fail(timed(sound(1.5), alignment=alignment(WORDS, 3.0)))

    assert_ends_as_declared(lambda: speaker(server).speak(request(voice_id=RACHEL)), Transient, "voice_bad_audio")


@pytest.mark.parametrize("time", [float("nan"), -1.0, "soon", None])
def test_times_that_are_none_are_a_bad_answer(server, time):
    broken = alignment(WORDS, 3.0)
    broken["character_start_times_seconds"][3] = time
    server.fail(timed(sound(3), alignment=broken))

    assert_ends_as_declared(lambda: speaker(server).speak(request(voice_id=RACHEL)), Transient, "vendor_bad_answer")


def test_fewer_times_than_letters_are_a_bad_answer(server):
    broken = alignment(WORDS, 3.0)
    del broken["character_end_times_seconds"][5:]
    server.fail(timed(sound(3), alignment=broken))

    assert_ends_as_declared(lambda: speaker(server).speak(request(voice_id=RACHEL)), Transient, "vendor_bad_answer")


@pytest.mark.parametrize(("words_per_minute", "speed"), [(60, 0.7), (155, 1.0), (170, 1.1), (360, 1.2)])
def test_pace_becomes_a_speed_within_the_limits(server, words_per_minute, speed):
    server.fail(timed(sound(4)))

    speaker(server).speak(request(voice_id=RACHEL, words_per_minute=words_per_minute))

    assert server.calls[0].json["voice_settings"] == {"speed": speed}


def test_language_is_named_to_the_models_that_take_it(server):
    for model in (MODEL, FLASH):
        speaker(server, model).speak(request(voice_id=RACHEL, language="pt-BR"))

    assert [call.json.get("language_code") for call in server.calls] == [None, "pt"]


@pytest.mark.parametrize(
    ("text", "voice_id", "model", "code"),
    [
        ("word " * 1_001, RACHEL, MODEL, "text_too_long"),
        ("word " * 601, RACHEL, "eleven_v3", "text_too_long"),
        ("— …", RACHEL, MODEL, "no_words"),
        (WORDS, "../../user", MODEL, "unknown_voice"),
    ],
)
def test_what_cannot_be_said_is_refused_before_anything_is_paid(server, text, voice_id, model, code):
    with pytest.raises(Rejected) as raised:
        speaker(server, model).speak(request(text, voice_id))

    assert raised.value.code == code
    assert server.calls == []


def test_voice_that_was_deleted_is_a_refusal(server):
    with pytest.raises(Rejected) as raised:
        speaker(server).speak(request(voice_id="x" * 20))

    assert raised.value.code == "unknown_voice"


@pytest.mark.goal("R13")
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_the_vendor_ends_as_declared_after_one_call(server, fault):
    what, kind, code = FAULTS[fault]
    server.fail(what)

    assert_ends_as_declared(lambda: speaker(server).speak(request(voice_id=RACHEL)), kind, code)

    assert len(server.calls) == 1


def test_wrong_key_is_told_as_such(server):
    assert_ends_as_declared(
        lambda: speaker(server, key="xi-other").speak(request(voice_id=RACHEL)), PipelineError, "vendor_refuses_key"
    )


@pytest.mark.goal("R13")
@pytest.mark.parametrize("bad", BAD_ANSWERS)
def test_answer_that_cannot_be_the_words_is_not_taken(server, bad):
    what, code = BAD_ANSWERS[bad]
    server.fail(what)

    assert_ends_as_declared(lambda: speaker(server).speak(request(voice_id=RACHEL)), Transient, code)


def test_offer_has_each_voice_in_the_languages_it_is_known_for_and_no_clone(server):
    voices = speaker(server).voices()

    assert voices == (
        Voice(RACHEL, "Rachel, woman, American", "en", "Latn"),
        Voice(HANS, "Hans", "de", "Latn"),
        Voice(HANS, "Hans", "en", "Latn"),
    )
    assert CLONE in {each["voice_id"] for each in server.voices}


def test_names_of_the_vendor_become_one_plain_line(server):
    server.voices = [voice(RACHEL, "  Ra\u202ech\nel\x00 " + "x" * 90), voice("../etc", "Bad id")]

    (found,) = speaker(server).voices()

    assert (found.name[:8], len(found.name)) == ("Ra ch el", 60)


def test_all_pages_of_the_list_are_read(server):
    server.page_size = 1

    assert len({voice.voice_id for voice in speaker(server).voices()}) == 2
    assert len(server.calls) == 3


def test_list_is_read_once_in_half_an_hour_and_serves_on_while_the_vendor_is_down(server, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(elevenlabs_voices.time, "monotonic", lambda: now[0])
    asked = speaker(server)

    first, _, _ = (asked.voices() for _ in range(3))
    calls_of_first = len(server.calls)
    now[0] += elevenlabs_voices.KEPT_SECONDS
    server.fail(wire.status(500))
    stale, _, _ = (asked.voices() for _ in range(3))
    calls_of_stale = len(server.calls)
    now[0] += elevenlabs_voices.AGAIN_SECONDS
    server.voices = server.voices[:1]
    fresh = asked.voices()

    assert (calls_of_first, calls_of_stale, len(server.calls)) == (1, 2, 3)
    assert stale == first
    assert [voice.voice_id for voice in fresh] == [RACHEL]


@pytest.mark.parametrize("fault", FAULTS)
def test_list_that_cannot_be_read_is_told_and_not_asked_for_again_at_once(server, fault):
    what, kind, code = FAULTS[fault]
    server.fail(what)
    asked = speaker(server)

    assert_ends_as_declared(asked.voices, kind, code)
    assert_ends_as_declared(asked.voices, kind, code)

    assert len(server.calls) == 1


def test_identity_names_the_model(server):
    assert speaker(server).identity != speaker(server, FLASH).identity


def test_tokens_join_to_the_text_of_the_tests():
    assert "".join(token.spoken + token.after for token in tokens_of(WORDS)) == WORDS
