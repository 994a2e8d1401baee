"""From a transcript to the package, through the real command, worker, voice, pictures and renderer."""

from __future__ import annotations

import hashlib
import itertools
import json
import re

import av
import numpy as np
import pysubs2
import pytest

from apps.pipeline.render.ffmpeg import binary
from tests.flows.conftest import TRANSCRIPT, MadeVideo, Workplace, unpack

WORDS = TRANSCRIPT.split()


def frames(video: MadeVideo) -> list[np.ndarray]:
    with av.open(str(video.file("video.mp4"))) as film:
        return [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]


def test_every_file_of_the_package_is_there_with_its_hash(video):
    manifest = video.json("manifest.json")

    for entry in manifest["files"]:
        content = video.file(entry["name"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    names = {entry["name"] for entry in manifest["files"]}
    assert {
        "video.mp4",
        "audio.mp3",
        "audio.wav",
        "captions.srt",
        "captions.vtt",
        "script.json",
        "script.txt",
        "timeline.json",
        "scene_plan.json",
        "alignment.json",
        "images/scene_001.png",
        "images/scene_002.png",
    } <= names
    assert manifest["jobId"] == video.facts["job_id"]


def test_film_has_the_timeline_s_frames_and_sound_to_its_end(video):
    timeline = video.json("timeline.json")

    with av.open(str(video.file("video.mp4"))) as film:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        assert (picture.codec_context.name, picture.width, picture.height) == ("h264", 1080, 1080)
        count = sum(1 for _ in film.decode(video=0))
        sound_seconds = float(sound.duration * sound.time_base)
    assert count == timeline["duration_frames"]
    assert abs(sound_seconds - count / 30) < 1 / 30


def test_no_frame_is_black_or_frozen(video):
    pictures = frames(video)

    assert min(float(picture.mean()) for picture in pictures) > 16
    changes = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(pictures)]
    assert min(changes) > 0


@pytest.mark.parametrize("name", ["captions.srt", "captions.vtt"])
def test_captions_are_the_script_s_own_words_in_order(video, name):
    captions = pysubs2.load(str(video.file(name)))

    shown = " ".join(event.plaintext.replace("\n", " ") for event in captions)
    assert shown.split() == WORDS


def test_every_word_has_its_time_inside_the_sound(video):
    words = video.json("alignment.json")["words"]
    duration = video.json("timeline.json")["duration_frames"] / 30

    assert [word["text"] for word in words] == WORDS
    assert all(word["start"] < word["end"] for word in words)
    assert all(a["end"] <= b["start"] + 1e-6 for a, b in itertools.pairwise(words))
    assert words[-1]["end"] <= duration


def test_captions_stand_in_the_frames_when_their_words_are_said(video):
    pictures = frames(video)
    blocks = video.json("timeline.json")["captions"]["blocks"]
    first = blocks[0]["start_frame"]

    band = slice(int(1080 * 0.70), int(1080 * 0.97))
    before, during = pictures[max(first - 1, 0)][band], pictures[first + 2][band]
    changed = np.abs(before.astype(int) - during) > 60
    assert changed.mean() > 0.01


@pytest.mark.parametrize("name", ["video.mp4", "audio.mp3", "audio.wav"])
def test_sound_is_at_minus_sixteen_lufs(video, name):
    import subprocess

    arguments = [binary(), "-hide_banner", "-nostdin", "-i", str(video.file(name))]
    arguments += ["-af", "ebur128=peak=true", "-f", "null", "-"]
    log = subprocess.run(arguments, capture_output=True, text=True, check=True).stderr
    summary = log[log.rindex("Summary:") :]

    assert float(re.search(r"I:\s+(-?[\d.]+) LUFS", summary)[1]) == pytest.approx(-16, abs=0.5)
    assert float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)[1]) <= -1.0


def test_script_is_the_transcript_word_for_word(video):
    script = video.json("script.json")

    said = " ".join(token["display"] for scene in script["scenes"] for token in scene["tokens"])
    assert said.split() == WORDS
    assert script["written_by"] == "you"


def test_changed_picture_makes_one_picture_and_the_segments_that_show_it(workplace: Workplace, video):
    result = workplace.run(
        "remake", video.facts["job_id"], "--scene", "1", "--picture", "a red balloon over snow", "--json"
    )

    assert result.returncode == 0, result.stderr[-3000:]
    facts = json.loads(result.stdout)
    made = {step["name"]: (step["made"], step["reused"]) for step in facts["steps"]}
    scenes = len(video.json("script.json")["scenes"])
    assert made["voice"] == (0, scenes + 1)
    assert made["alignment"] == (0, scenes + 1)
    assert made["images"] == (2, scenes - 1)
    segments = workplace.query(
        "SELECT count(*) FROM artifacts WHERE step = 'render' AND unit LIKE 'segment%%' AND created_at > "
        "(SELECT created_at FROM jobs WHERE id = %s)",
        facts["job_id"],
    )
    assert segments == [(2,)]
    again = unpack(workplace, facts)
    assert again.file("audio.wav").read_bytes() == video.file("audio.wav").read_bytes()
    assert again.file("images/scene_001.png").read_bytes() != video.file("images/scene_001.png").read_bytes()


def test_ready_video_has_nothing_to_retry(workplace: Workplace, video):
    result = workplace.run("retry_job", video.facts["job_id"])

    assert (result.returncode, result.stderr.strip().splitlines()[-1]) == (
        2,
        "CommandError: This video is ready; there is nothing to retry.",
    )
