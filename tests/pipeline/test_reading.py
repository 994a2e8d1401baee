"""A reading as the voice of a film: its silent ends and very long pauses go, everything else stays as it was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from apps.pipeline.contracts import SAMPLE_RATE, SAMPLES_PER_FRAME
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.energy import pauses_in_room
from apps.pipeline.render.reading import cut_reading, tidy_reading
from apps.pipeline.render.wav import wav_samples
from tests.pipeline.read_aloud import ReadAloud

ROOM, VOICE = 40, 6_000


def sound(seconds: float, level: int) -> np.ndarray:
    return np.random.default_rng(round(seconds * 100) + level).standard_normal(round(seconds * SAMPLE_RATE)) * level


def tidied(folder: Path, *parts: np.ndarray) -> np.ndarray:
    source = ReadAloud(np.clip(np.concatenate(parts), -32_768, 32_767), ()).write(folder / "read.wav")
    tidy_reading(source, folder / "tidied.wav")
    return np.array(wav_samples(folder / "tidied.wav")[:, 0])


def pauses(samples: np.ndarray) -> list[float]:
    return [round(end - start, 1) for start, end in pauses_in_room(samples, 0.1)]


def test_silence_before_and_after_goes_but_for_a_moment(tmp_path):
    made = tidied(tmp_path, sound(4.0, ROOM), sound(2.0, VOICE), sound(3.0, ROOM))

    assert pauses(made) == [0.1, 0.6]
    assert len(made) / SAMPLE_RATE == pytest.approx(0.15 + 2.0 + 0.6, abs=0.08)


def test_a_film_closes_quietly_even_when_the_recording_does_not(tmp_path):
    made = tidied(tmp_path, sound(2.0, VOICE))

    assert pauses(made) == [0.6]


@pytest.mark.parametrize(("read", "heard"), [(0.3, 0.3), (1.0, 1.0), (1.9, 1.9), (2.2, 1.2), (9.0, 1.2)])
def test_only_pauses_of_over_two_seconds_are_shortened(tmp_path, read, heard):
    made = tidied(tmp_path, sound(2.0, VOICE), sound(read, ROOM), sound(2.0, VOICE))

    assert pauses(made) == [heard, 0.6]


def test_what_is_heard_is_not_touched(tmp_path):
    voice = sound(3.0, VOICE)

    made = tidied(tmp_path, sound(1.0, ROOM), voice, sound(1.0, ROOM))

    first = int(np.argmax(np.abs(made) > 10 * ROOM))
    place = int(np.argmax(np.abs(voice) > 10 * ROOM))
    middle = slice(SAMPLE_RATE, 2 * SAMPLE_RATE)
    assert np.array_equal(made[first - place :][middle], np.clip(voice, -32_768, 32_767).astype(np.int16)[middle])


def test_it_is_whole_frames_long(tmp_path):
    made = tidied(tmp_path, sound(1.2345, VOICE))

    assert len(made) % SAMPLES_PER_FRAME == 0


def test_a_recording_in_which_nobody_speaks_is_refused(tmp_path):
    with pytest.raises(Rejected) as refusal:
        tidied(tmp_path, np.zeros(SAMPLE_RATE))

    assert refusal.value.code == "silent_audio"


def test_scenes_together_are_the_reading_sample_for_sample(tmp_path):
    made = tidied(tmp_path, sound(5.0, VOICE))

    takes = cut_reading(tmp_path / "tidied.wav", (1.51, 3.0), tmp_path)

    assert np.array_equal(np.concatenate([wav_samples(path)[:, 0] for path, _ in takes]), made)
    assert [(place.start_frame, place.frames) for _, place in takes] == [
        (0, 45),
        (45, 45),
        (90, len(made) // 1600 - 90),
    ]


def test_every_scene_has_a_frame_however_close_the_ends_are(tmp_path):
    tidied(tmp_path, sound(1.0, VOICE))

    takes = cut_reading(tmp_path / "tidied.wav", (0.0, 0.001, 99.0), tmp_path)

    assert [place.frames for _, place in takes][:2] == [1, 1]
    assert min(place.frames for _, place in takes) == 1
