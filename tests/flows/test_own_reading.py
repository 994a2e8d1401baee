"""A script and a recording of it to a film, through the real command, worker and renderer, without any key."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from apps.pipeline.render.energy import pauses_in_room
from apps.pipeline.render.wav import wav_samples
from tests.flows.conftest import MadeVideo, Workplace, make, unpack
from tests.pipeline.read_aloud import OTHER, TEXTS, ReadAloud, Reader, read_aloud, scenes_of

pytestmark = pytest.mark.slow  # a whole film; what cuts and times a reading is held by tests/providers/test_echo.py
TEXT = TEXTS["en"].partition(" In 1912")[0]
LEAD_SECONDS = 2.0
ORDER = ("--script", "talk.txt", "--narration", "talk.wav", "--shape", "1:1")


@pytest.fixture(scope="module")
def read() -> ReadAloud:
    return read_aloud(scenes_of(TEXT), Reader(lead_seconds=LEAD_SECONDS), seed=4)


@pytest.fixture(scope="module")
def film(workplace: Workplace, read: ReadAloud) -> MadeVideo:
    (workplace.folder / "talk.txt").write_text(TEXT)
    (workplace.folder / "other.txt").write_text(OTHER)
    read.write(workplace.folder / "talk.wav")
    return make(workplace, *ORDER, "--out", "read.mp4")


def said(read: ReadAloud) -> np.ndarray:
    """When each word is said in the film: of the silence before 0.15 s are left, of each pause of over 2 s 1.2 s."""
    starts = np.array([start for scene in read.times for start, _ in scene])
    shift = np.zeros(len(starts))
    for start, end in pauses_in_room(read.samples, 2.0):
        shift[starts > start] += end - start - 1.2 if start else 0.0
    return starts - shift - starts[0] + 0.15


def test_captions_are_shown_when_the_reader_says_their_words(film, read):
    words = film.json("alignment.json")["words"]

    off = np.abs(np.array([word["start"] for word in words]) - said(read))
    assert (np.median(off) < 0.03, off.max() < 0.2) == (True, True)
    assert " ".join(word["text"] for word in words).split() == TEXT.split()


def test_pictures_change_in_the_reader_s_pauses(film):
    words, timeline = film.json("alignment.json")["words"], film.json("timeline.json")
    pauses = [
        (before["end"], after["start"]) for before, after in pairwise(words) if before["scene_id"] != after["scene_id"]
    ]

    changes = [segment["start_frame"] / timeline["fps"] for segment in timeline["segments"][1:]]

    assert len(changes) == 1
    within = [start <= change <= end for change, (start, end) in zip(changes, pauses, strict=True)]
    assert within == [True] * len(pauses)


def test_the_voice_is_the_recording(film, read):
    heard = pauses_in_room(wav_samples(film.file("audio/narration.wav"))[:, 0], 0.25)
    recorded = pauses_in_room(read.samples, 0.25)

    inner = [end - start for start, end in recorded if start > LEAD_SECONDS - 0.2 and end < read.times[-1][-1][1]]
    kept = [1.2 if pause > 2.0 else pause for pause in inner]
    assert [end - start for start, end in heard[:-1]] == pytest.approx(kept, abs=0.03)
    assert film.json("manifest.json")["voice"] == "recording"


def test_nothing_was_spoken_for_it(workplace, film):
    calls = workplace.query(
        "SELECT DISTINCT provider, method FROM provider_calls WHERE capability IN ('speaker', 'aligner')"
    )

    assert sorted(calls) == [("echo", "align"), ("recording", "cut")]


@pytest.mark.slow
def test_the_same_order_again_makes_nothing_again(workplace, film):
    again = make(workplace, *ORDER, "--out", "again.mp4")

    made = {step["name"]: step["made"] for step in again.facts["steps"]}
    assert made == {**dict.fromkeys(made, 0), "package": 1}
    assert again.file("video.mp4").read_bytes() == film.file("video.mp4").read_bytes()


@pytest.mark.slow
def test_another_picture_does_not_cut_the_recording_again(workplace, film):
    result = workplace.run("remake", film.facts["job_id"], "--scene", "1", "--picture", "a red balloon", "--json")

    facts = json.loads(result.stdout)
    made = {step["name"]: step["made"] for step in facts["steps"]}
    assert (made["voice"], made["alignment"]) == (0, 0)
    assert unpack(workplace, facts).file("audio.wav").read_bytes() == film.file("audio.wav").read_bytes()


def test_words_that_were_read_cannot_be_changed(workplace, film):
    result = workplace.run("remake", film.facts["job_id"], "--scene", "1", "--words", "Something else is said here.")

    assert (result.returncode, result.stderr.strip().splitlines()[-1]) == (
        2,
        "CommandError: This video speaks with your own recording, so its words cannot be changed.",
    )


@pytest.mark.slow
def test_a_recording_of_something_else_fails_in_words_and_costs_nothing(workplace: Workplace, film):
    result = workplace.run("make_video", "--script", "other.txt", "--narration", "talk.wav", "--shape", "1:1")

    assert result.returncode == 1
    assert "The recording does not seem to say this script: " in result.stderr
    assert workplace.query("SELECT cost FROM jobs WHERE error_code = 'recording_differs'") == [(0,)]
