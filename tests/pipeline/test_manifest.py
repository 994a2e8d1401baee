"""What manifest.json says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.pipeline.contracts import AudioMix, Blob, PackagedFile, Render
from apps.pipeline.packaging.manifest import Subject, manifest_document
from apps.pipeline.packaging.names import PATTERN, image_name, music_name, thumbnail_name
from apps.pipeline.render.gate import judge
from apps.pipeline.steps.base import JobFacts
from apps.pipeline.steps.timeline import TimelineStep
from tests.pipeline.small_video import BLOB, images_of, inputs_of, script_of

MIX = AudioMix(BLOB, BLOB, BLOB, 576_000, -16.0, -2.0, ())


@pytest.fixture
def manifest() -> dict[str, Any]:
    timeline = TimelineStep().make(TimelineStep().request(inputs_of((120, 150, 90))), context=None)
    subject = Subject(
        job=JobFacts("job-1", "project-1", "2026-01-02T03:04:05+00:00"),
        niche="science",
        voice="espeak",
        script=script_of(),
        pictures=images_of(script_of()).pictures,
        timeline=timeline,
        render=Render(BLOB, MIX, (), 1920, 1080, 30, 360, 12_000, "h264"),
        files=(PackagedFile("video.mp4", "video", Blob("12" * 32, 77, ".mp4")),),
        verdicts=(judge("film_frames", 360, 360),),
    )
    return json.loads(manifest_document(subject))


def test_manifest_names_ids_times_and_format(manifest: dict[str, Any]) -> None:
    facts = {key: value for key, value in manifest.items() if not isinstance(value, list)}

    assert facts == {
        "version": 1,
        "projectId": "project-1",
        "jobId": "job-1",
        "createdAt": "2026-01-02T03:04:05+00:00",
        "title": "Why cats purr",
        "description": "A small film.",
        "niche": "science",
        "language": "en",
        "writtenBy": "you",
        "voice": "espeak",
        "durationMs": 12_000,
        "width": 1920,
        "height": 1080,
        "fps": 30,
        "codec": "h264",
        "sampleRate": 48_000,
        "wordCount": 18,
        "sceneCount": 3,
    }


def test_manifest_lists_every_scene_with_its_picture(manifest: dict[str, Any]) -> None:
    assert manifest["scenes"][1] == {
        "sceneId": "s2",
        "title": "Part 2",
        "startMs": 4000,
        "durationMs": 5000,
        "image": "images/scene_002.png",
        "width": 1920,
        "height": 1080,
        "bytes": 9,
    }


def test_manifest_lists_files_with_hash_and_size(manifest: dict[str, Any]) -> None:
    assert manifest["files"] == [{"name": "video.mp4", "kind": "video", "sha256": "12" * 32, "bytes": 77}]


def test_manifest_shows_what_was_checked(manifest: dict[str, Any]) -> None:
    assert manifest["checks"] == [
        {"check": "film_frames", "where": "", "measured": "360 frames", "limit": "exactly 360 frames"}
    ]


@pytest.mark.goal("S7")
@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        (image_name(1), True),
        (image_name(1234), True),
        (music_name(".flac"), True),
        (thumbnail_name(270), True),
        (music_name("/../x"), False),
        ("../video.mp4", False),
        ("a/b/c.mp4", False),
        ("Video.mp4", False),
        ("video.mp4\n", False),
    ],
)
def test_names_keep_to_the_pattern(name: str, allowed: bool) -> None:
    assert bool(PATTERN.fullmatch(name)) is allowed
