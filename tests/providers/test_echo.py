"""A script found in a recording of it, without a vendor and without a model."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from apps.pipeline.contracts import SAMPLE_RATE, Token
from apps.pipeline.providers.aligner.base import AlignRequest
from apps.pipeline.providers.aligner.echo import EchoAligner
from apps.pipeline.providers.aligner.quality import check_alignment
from apps.pipeline.providers.echo.cutting import borders
from apps.pipeline.providers.echo.laying import lay
from apps.pipeline.providers.echo.spectra import with_length_1
from apps.pipeline.providers.echo.warping import warp
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.speaker.recording import CutRequest, RecordingSpeaker
from tests.pipeline.read_aloud import OTHER, TEXTS, ReadAloud, Reader, read_aloud, scenes_of

READERS = {
    "en": Reader("gmw/en-GB-scotland+f4"),
    "de": Reader("gmw/de+m7", noise_db=25.0),
    "es": Reader("roa/es-419+f5", noise_db=40.0, gain=0.05),
}
ADVICE = "Read the script as it stands, from its first word to its last, or paste what you read."


def errors_of(read: ReadAloud, words) -> np.ndarray:
    """How far each word was found from where it is, in seconds."""
    pairs = zip(words, read.times, strict=True)
    return np.array(
        [abs(time.start - true[0]) for found, said in pairs for time, true in zip(found, said, strict=True)]
    )


def part_of(read: ReadAloud, start: float, end: float, path: Path) -> Path:
    return ReadAloud(read.samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)], ()).write(path)


def in_pause(moment: float, before, after) -> bool:
    return before[-1][1] - 0.03 <= moment <= after[0][0] + 0.03


@pytest.mark.parametrize("language", READERS)
def test_words_are_found_and_scenes_end_in_pauses(language):
    scenes = scenes_of(TEXTS[language], language)
    read = read_aloud(scenes, READERS[language])

    laid = lay(scenes, read.samples, language)

    errors = errors_of(read, laid.words)
    assert len(scenes) >= 3
    assert (np.median(errors) < 0.04, np.percentile(errors, 95) < 0.12) == (True, True)
    ends = borders(laid.words, read.samples)
    assert [in_pause(end, *pair) for end, pair in zip(ends, pairwise(read.times), strict=True)] == [True] * len(ends)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("noise_db", [20.0, 30.0, 45.0])
@pytest.mark.parametrize(
    ("language", "voice"), [("en", "gmw/en-GB-x-rp+f5"), ("en", "gmw/en+m5"), ("de", "gmw/de+f5"), ("es", "roa/es+m4")]
)
def test_other_readers_in_other_rooms_are_followed_as_well(language, voice, noise_db, seed):
    scenes = scenes_of(TEXTS[language], language)
    read = read_aloud(scenes, Reader(voice, noise_db=noise_db, rates=(110, 260)), seed)

    laid = lay(scenes, read.samples, language)

    errors = errors_of(read, laid.words)
    assert (np.median(errors) < 0.05, np.percentile(errors, 95) < 0.2) == (True, True)
    ends = borders(laid.words, read.samples)
    assert all(in_pause(end, *pair) for end, pair in zip(ends, pairwise(read.times), strict=True))


def test_where_nobody_pauses_the_quietest_moment_is_the_border():
    scenes = scenes_of(TEXTS["en"])
    read = read_aloud(scenes, Reader(lead_seconds=0.0))
    shut = np.concatenate(
        [read.samples[round(said[0][0] * SAMPLE_RATE) : round(said[-1][1] * SAMPLE_RATE)] for said in read.times]
    )
    true = np.cumsum([said[-1][1] - said[0][0] for said in read.times])[:-1]

    found = borders(lay(scenes, shut, "en").words, shut)

    assert np.abs(np.array(found) - true).max() < 0.25


def test_a_scene_is_timed_to_hundredths(tmp_path):
    scenes = scenes_of(TEXTS["en"])
    read = read_aloud(scenes)
    start, end = read.times[1][0][0] - 0.4, read.times[1][-1][1] + 0.4
    asked = AlignRequest(scenes[1], part_of(read, start, end, tmp_path / "scene.wav"), "en", None)

    found = EchoAligner().align(asked)

    check_alignment(found, asked)
    errors = [abs(word.start + start - true[0]) for word, true in zip(found.words, read.times[1], strict=True)]
    assert (np.median(errors) < 0.02, max(errors) < 0.15) == (True, True)
    assert found.served_by == "echo"


def test_a_scene_of_other_words_is_refused(tmp_path):
    read = read_aloud(scenes_of(OTHER))
    scene = scenes_of(TEXTS["en"])[0]
    start, end = read.times[0][0][0], read.times[0][-1][1]

    with pytest.raises(Rejected) as refusal:
        EchoAligner().align(AlignRequest(scene, part_of(read, start, end, tmp_path / "scene.wav"), "en", None))

    assert refusal.value.code == "recording_differs"
    assert refusal.value.sentence == (
        "The recording does not seem to say this: “Every morning the harbour wakes before the town …”. " + ADVICE
    )


@pytest.mark.parametrize("language", ["ja", "fi", "xx"])
def test_a_language_that_no_embedded_voice_speaks_is_refused(language):
    with pytest.raises(Rejected) as refusal:
        lay(((Token("a", "a"),),), np.zeros(SAMPLE_RATE, np.int16), language)

    assert refusal.value.code == "no_word_times"


def cut(scenes, recording: Path):
    return RecordingSpeaker().cut(CutRequest(scenes, recording, "en"))


def test_a_recording_of_another_text_is_refused(tmp_path):
    recording = read_aloud(scenes_of(OTHER)).write(tmp_path / "other.wav")

    with pytest.raises(Rejected) as refusal:
        cut(scenes_of(TEXTS["en"]), recording)

    assert refusal.value.code == "recording_differs"
    # espeak's women do not breathe alike every time, which moves what is nearly heard.
    said = r"The recording does not seem to say this script: (none|[1-4]?\d%) of it was heard\. "
    assert re.fullmatch(said + re.escape(ADVICE), refusal.value.sentence)


def test_half_a_script_is_refused(tmp_path):
    scenes = scenes_of(TEXTS["en"])
    recording = read_aloud(scenes[: len(scenes) // 2]).write(tmp_path / "half.wav")

    with pytest.raises(Rejected) as refusal:
        cut(scenes, recording)

    assert refusal.value.code == "recording_differs"


def test_scenes_in_another_order_are_refused(tmp_path):
    scenes = scenes_of(TEXTS["en"])
    recording = read_aloud(scenes[::-1]).write(tmp_path / "backwards.wav")

    with pytest.raises(Rejected) as refusal:
        cut(scenes, recording)

    assert refusal.value.code == "recording_differs"


def test_silence_and_noise_say_nothing(tmp_path):
    noise = np.random.default_rng(1).integers(-3_000, 3_000, 20 * SAMPLE_RATE).astype(np.int16)

    for name, samples in (("silence", np.zeros_like(noise)), ("noise", noise)):
        with pytest.raises(Rejected) as refusal:
            cut(scenes_of(TEXTS["en"]), ReadAloud(samples, ()).write(tmp_path / f"{name}.wav"))
        assert refusal.value.code == "recording_differs"


def test_the_same_recording_is_cut_the_same_way_twice(tmp_path):
    scenes = scenes_of(TEXTS["en"])
    recording = read_aloud(scenes).write(tmp_path / "read.wav")

    assert cut(scenes, recording) == cut(scenes, recording)


def test_long_sounds_are_laid_on_each_other_along_a_rough_way():
    random = np.random.default_rng(1)
    slow = with_length_1(np.cumsum(random.standard_normal((7_000, 6)), axis=0) % 7 - 3.5)
    places = np.sort(random.choice(7_000, 5_000, replace=False))
    fast = slow[places]

    laid = warp(fast, slow)

    off = np.abs((laid.first + laid.last) / 2 - places)
    assert len(fast) * len(slow) > 30_000_000
    assert (np.median(off) <= 1, off.max() <= 40) == (True, True)
