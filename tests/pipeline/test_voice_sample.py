"""One sentence as the voice step would say it, made in a child."""

from __future__ import annotations

import io
import wave

import av
import numpy as np
import pytest

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.speaker.base import SpeechRequest
from apps.pipeline.render import voice_sample
from apps.pipeline.render.loudness import measure
from apps.pipeline.render.process import ChildTimedOut, Limits
from apps.pipeline.render.voice_sample import SampleRequest, spoken_sample
from apps.pipeline.text.opening import opening
from canvascast import children

SENTENCE = "Why do cats purr, and what does it mean when they stop?"


def request(text: str = SENTENCE, words_per_minute: int = 150) -> SampleRequest:
    return SampleRequest("espeak", SpeechRequest(opening(text, "en"), "en-gb", "en-GB", words_per_minute))


def decoded(mp3: bytes) -> tuple[np.ndarray, int]:
    with av.open(io.BytesIO(mp3)) as sound:
        frames = [frame.to_ndarray() for frame in sound.decode(audio=0)]
        return np.concatenate(frames, axis=1)[0], sound.streams.audio[0].rate


def written(samples: np.ndarray, rate: int, path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((samples.clip(-1, 1) * 32_767).astype("<i2").tobytes())


def test_sample_is_as_long_as_its_words_and_as_loud_as_a_film(tmp_path):
    samples, rate = decoded(spoken_sample(request()))

    seconds = len(samples) / rate
    written(samples, rate, tmp_path / "sample.wav")
    loudness = measure(tmp_path / "sample.wav", seconds=seconds)
    assert rate == 48_000
    assert 3.0 < seconds < 6.5
    assert -16.7 <= loudness.lufs <= -15.3
    assert loudness.true_peak_db <= -1.0


def test_faster_voice_says_it_in_less_time():
    slow, fast = (len(decoded(spoken_sample(request(words_per_minute=speed)))[0]) for speed in (120, 240))

    assert 1.5 < slow / fast < 2.5


def test_words_the_voice_cannot_read_are_refused_in_a_sentence():
    with pytest.raises(Rejected) as refusal:
        spoken_sample(request("Почему мурлычут кошки?"))

    assert refusal.value.code == "voice_cannot_read"
    assert refusal.value.sentence.startswith("The voice “English (GB), man” cannot read this text.")


def test_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(voice_sample, "_LIMITS", Limits(deadline_seconds=0.01))

    with pytest.raises(ChildTimedOut):
        spoken_sample(request())


def test_no_word_reaches_an_argument_list(monkeypatch):
    started = []
    start = children.start_child
    monkeypatch.setattr(
        children, "start_child", lambda argv, *args, **kw: started.append(argv) or start(argv, *args, **kw)
    )

    spoken_sample(request())

    assert [argv[1:] for argv in started] == [["-m", "apps.pipeline.render.voice_sample"]]
