"""The embedded speaker: paces, voices, word times, refusals."""

from __future__ import annotations

import hashlib
import multiprocessing
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from apps.pipeline.contracts import Token
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.speaker.base import Speech, SpeechRequest
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker
from apps.pipeline.providers.speaker.soundness import check_speech
from apps.pipeline.providers.usage import Usage
from tests.pipeline.spoken import ENGLISH, GERMAN, say, tokens_of

GREETINGS = {
    "en": "Good morning to all of you.",
    "es": "Buenos días a todos.",
    "fr": "Bonjour à tout le monde.",
    "de": "Guten Morgen zusammen.",
    "pt": "Bom dia a todos.",
    "it": "Buongiorno a tutti.",
    "nl": "Goedemorgen allemaal.",
    "pl": "Dzień dobry wszystkim.",
    "sv": "God morgon allihop.",
    "tr": "Herkese günaydın.",
    "ru": "Доброе утро всем.",
    "uk": "Доброго ранку всім.",
    "el": "Καλημέρα σε όλους.",
    "hi": "सभी को नमस्ते।",
    "ar": "صباح الخير للجميع.",
    "cmn": "大家早上好。",
}
VOICES = EspeakSpeaker().voices()


def seconds_of(speech: Speech) -> float:
    return len(speech.pcm) / 2 / speech.sample_rate


@pytest.mark.parametrize("words_per_minute", [60, 90, 120, 150, 180, 240, 300, 360])
@pytest.mark.parametrize(("voice_id", "texts"), [("en-us", ENGLISH), ("en-gb-woman", ENGLISH), ("de", GERMAN)])
def test_asked_pace_is_heard_within_eight_percent(voice_id: str, texts: tuple[str, ...], words_per_minute: int) -> None:
    text = " ".join(texts)

    speech = say(text, voice_id, words_per_minute)

    assert len(text.split()) / seconds_of(speech) * 60 == pytest.approx(words_per_minute, rel=0.08)


@pytest.mark.parametrize("voice", VOICES, ids=[voice.voice_id for voice in VOICES])
def test_every_voice_speaks_its_own_language_and_times_each_word(voice) -> None:
    tokens = tokens_of(GREETINGS[voice.language.split("-")[0]])

    speech = EspeakSpeaker().speak(SpeechRequest(tokens, voice.voice_id, voice.language, 150))

    assert [time.index for time in speech.word_times] == list(range(len(tokens)))
    assert all(time.start < time.end for time in speech.word_times)


def test_offer_has_sixteen_languages_in_six_scripts() -> None:
    assert len({voice.language.split("-")[0] for voice in VOICES}) == 16
    assert {voice.script for voice in VOICES} == {"Latn", "Cyrl", "Grek", "Deva", "Arab", "Hans"}
    assert len({voice.voice_id for voice in VOICES}) == len(VOICES)


def test_word_times_survive_numbers_silent_tokens_and_markup() -> None:
    tokens = (
        Token("—", ""),
        *tokens_of("On 3 May 1,250 cats 🐈🐈 ate <b>half</b> of"),
        Token("…", ""),
        Token("it.", "it."),
    )

    speech = EspeakSpeaker().speak(SpeechRequest(tokens, "en-us", "en", 150))

    times = speech.word_times
    assert [time.index for time in times] == list(range(len(tokens)))
    assert all(0 <= time.start < time.end for time in times)
    assert all(before.end <= after.start for before, after in pairwise(times))
    assert times[-1].end <= seconds_of(speech)
    assert times[4].end - times[4].start > 1.2


def test_markup_is_read_out_and_not_obeyed() -> None:
    tokens = (Token("one", "one"), Token('<break time="30s"/>', '<break time="30s"/>'), Token("two", "two"))

    speech = EspeakSpeaker().speak(SpeechRequest(tokens, "en-us", "en", 150))

    assert seconds_of(speech) < 10
    assert speech.word_times[1].end - speech.word_times[1].start > 1.0


def test_control_characters_do_not_cut_the_text() -> None:
    tokens = (Token("one", "one\x00\x01"), Token("two", "two"), Token("three", "three"))

    speech = EspeakSpeaker().speak(SpeechRequest(tokens, "en-us", "en", 150))

    assert [time.confidence for time in speech.word_times] == [1.0, 1.0, 1.0]


def test_same_words_give_the_same_bytes_whatever_was_said_before() -> None:
    first = say(ENGLISH[1]).pcm
    say(GERMAN[0], "de-woman", 240)

    assert say(ENGLISH[1]).pcm == first


def test_unknown_voice_is_refused_with_the_valid_names() -> None:
    with pytest.raises(Rejected) as refusal:
        say("Hello", "no-such-voice")

    assert refusal.value.code == "unknown_voice"
    assert refusal.value.sentence.startswith("There is no voice “no-such-voice”. The voices are: en-us, en-us-woman,")


@pytest.mark.parametrize("text", ["猫会因为很多原因", "Кошки мурлычут", "?!", "…"])
def test_text_the_voice_cannot_read_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refusal:
        EspeakSpeaker().speak(SpeechRequest((Token(text, text),), "en-us", "en", 150))

    assert refusal.value.code == "voice_cannot_read"
    assert refusal.value.sentence == (
        "The voice “English (US), man” cannot read this text. Choose a voice of the text's own language."
    )


@pytest.mark.parametrize(
    ("pcm", "outcome"),
    [
        (b"", "silence"),
        (bytes(48_000), "silence"),
        (b"\x00\x20" * 2_000, "were expected"),
        (b"\x00\x20" * 2_000_000, "wer"),
    ],
)
def test_audio_that_cannot_be_the_words_is_tried_again(pcm: bytes, outcome: str) -> None:
    request = SpeechRequest(tokens_of(ENGLISH[0]), "any", "en", 150)

    with pytest.raises(Transient, match=outcome) as failure:
        check_speech(Speech(pcm, 24_000, None, Usage("any")), request)

    assert failure.value.code == "voice_bad_audio"


def test_forked_workers_speak_side_by_side() -> None:
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        digests = pool.map(_digest, [ENGLISH[0]] * 4)

    assert set(digests) == {_digest(ENGLISH[0])}


def test_data_folder_with_a_long_path_is_reached_by_a_short_one(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 180)
    folder.mkdir()
    (folder / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path())
    program = (
        "import espeakng_loader\n"
        f"espeakng_loader.get_data_path = lambda: {str(folder / 'espeak-ng-data')!r}\n"
        "from tests.pipeline.spoken import say\n"
        "print(len(say('Good morning').pcm))"
    )

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert int(found.stdout) == len(say("Good morning").pcm)


def test_speech_is_not_clipped() -> None:
    samples = np.frombuffer(say(ENGLISH[0]).pcm, dtype="<i2")

    assert np.count_nonzero(np.abs(samples.astype(int)) >= 32_767) == 0


def _digest(text: str) -> str:
    return hashlib.sha256(say(text).pcm).hexdigest()


def test_word_spoken_in_two_clauses_lasts_to_the_end_of_the_second():
    number = Token("555-1234", "five five five, one two three four")
    tokens = (Token("Call", "Call"), number, Token("(or", "or"), Token("not).", "not."))

    speech = EspeakSpeaker().speak(SpeechRequest(tokens, "en-us", "en", 75))

    times = speech.word_times
    assert times is not None
    assert times[1].end - times[1].start > 0.7 * (times[2].start - times[1].start)
    assert times[1].end - times[1].start > 4
