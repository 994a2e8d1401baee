"""What the customer gets: every file under its name, an archive of all, and nothing that fails the gate."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import cv2
import numpy as np
import pysubs2
import pytest
from PIL import Image

from apps.pipeline.codec import from_json
from apps.pipeline.contracts import (
    AudioMix,
    Blob,
    MusicChoice,
    Package,
    PackagedFile,
    Render,
    SegmentFile,
    Timeline,
    Verdict,
    VisualPlan,
)
from apps.pipeline.packaging.thumbnails import HEIGHTS, Candidate, draw_thumbnail
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.render.gate import judge
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.package import PackageRequest, PackageStep, _thumbnails
from apps.pipeline.steps.timeline import TimelineStep
from tests.pipeline.clips import HEIGHT, WIDTH, encode, moving, texture
from tests.pipeline.folder_store import FolderContext, FolderStore, folder_context
from tests.pipeline.small_video import BRIEF, images_of, narration_of, script_of, timings_of

FRAMES = (40, 50, 30)
NAMES = {
    "video.mp4",
    "audio.mp3",
    "audio.wav",
    "audio/narration.wav",
    "captions.srt",
    "captions.vtt",
    "chapters.vtt",
    "script.json",
    "script.txt",
    "timeline.json",
    "scene_plan.json",
    "alignment.json",
    "images/scene_001.png",
    "images/scene_002.png",
    "images/scene_003.png",
    "thumbnails/thumbnail_1080.jpg",
    "thumbnails/thumbnail_540.jpg",
    "thumbnails/thumbnail_270.jpg",
    "thumbnails/choice_2.jpg",
    "thumbnails/choice_3.jpg",
    "manifest.json",
    "assets.zip",
}


@pytest.fixture
def context(tmp_path: Path) -> FolderContext:
    return folder_context(tmp_path / "files")


@pytest.fixture
def request_(tmp_path: Path, context: FolderContext) -> PackageRequest:
    return PackageStep().request(finished_video(tmp_path, context.store))


def finished_video(tmp_path: Path, store: FolderStore, music: MusicChoice | None = None) -> Inputs:
    """Everything the earlier steps make, with real files where the package step looks into them."""
    brief = BRIEF | {"music": music or MusicChoice()}
    script, narration = script_of(), narration_of(FRAMES, store.put_bytes(b"narration", ".wav"))
    contracts = {
        "script": script,
        "voice": narration,
        "alignment": timings_of(script, narration, *captions(store)),
        "images": images_of(script, [still(tmp_path, store, seed) for seed in (1, 2, 3)]),
        "visual_plan": VisualPlan("ink", ("#102030",), ()),
    }
    timeline = TimelineStep().make(TimelineStep().request(Inputs(brief, contracts)), context=None)
    timeline = replace(timeline, width=WIDTH, height=HEIGHT)
    return Inputs(brief, contracts | {"timeline": timeline, "render": rendered(tmp_path, store, timeline)})


def captions(store: FolderStore) -> tuple[Blob, Blob]:
    subtitles = pysubs2.SSAFile()
    subtitles.events = [
        pysubs2.SSAEvent(start=index * 1300, end=index * 1300 + 1200, text=scene.display_text)
        for index, scene in enumerate(script_of().scenes)
    ]
    srt, vtt = (store.put_bytes(subtitles.to_string(kind).encode(), f".{kind}") for kind in ("srt", "vtt"))
    return srt, vtt


def still(tmp_path: Path, store: FolderStore, seed: int) -> Blob:
    colours = np.dstack([texture(seed), texture(seed + 10), np.full_like(texture(), 40 * seed)])
    path = tmp_path / "still.png"
    cv2.imwrite(str(path), colours)
    return store.put(path, ".png")


def rendered(tmp_path: Path, store: FolderStore, timeline: Timeline) -> Render:
    frames = timeline.duration_frames
    film = store.put(encode(tmp_path / "film.mp4", moving(frames), audio_samples=frames * 1600), ".mp4")
    passed = (judge("segment_flat", 0),)
    segments = tuple(SegmentFile(s.scene_id, film, s.frames, passed) for s in timeline.segments)
    wav, mp3, m4a = (store.put_bytes(kind.encode(), f".{kind}") for kind in ("wav", "mp3", "m4a"))
    mix = AudioMix(wav, mp3, m4a, frames * 1600, -16.0, -2.0, (Verdict("loudness", True, "-16", "-16"),))
    return Render(film, mix, segments, WIDTH, HEIGHT, 30, frames, timeline.duration_ms, "h264")


def make(request: PackageRequest, context: FolderContext) -> Package:
    return PackageStep().make(request, context)


def by_name(package: Package) -> dict[str, PackagedFile]:
    return {file.name: file for file in package.files}


def test_package_holds_every_file_once(request_: PackageRequest, context: FolderContext) -> None:
    package = make(request_, context)

    assert sorted(file.name for file in package.files) == sorted(NAMES)
    assert (package.duration_ms, package.title) == (4000, "Why cats purr")


def test_archive_holds_every_other_file_uncompressed(request_: PackageRequest, context: FolderContext) -> None:
    files = by_name(make(request_, context))

    with ZipFile(context.store.fetch(files["assets.zip"].file)) as archive:
        assert set(archive.namelist()) == NAMES - {"assets.zip"}
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_STORED}
        assert archive.testzip() is None
        assert archive.read("video.mp4") == context.store.fetch(files["video.mp4"].file).read_bytes()


def test_same_request_packs_the_same_bytes(request_: PackageRequest, context: FolderContext) -> None:
    assert make(request_, context) == make(request_, context)


def test_stored_files_are_not_stored_again(request_: PackageRequest, context: FolderContext) -> None:
    context.store.puts.clear()

    make(request_, context)

    assert sorted(blob.suffix for blob in context.store.puts) == sorted(
        [".json"] * 5 + [".txt", ".vtt"] + [".jpg"] * 5 + [".zip"]
    )


def test_timeline_document_reads_back_as_the_timeline(request_: PackageRequest, context: FolderContext) -> None:
    files = by_name(make(request_, context))

    document = json.loads(context.store.fetch(files["timeline.json"].file).read_text())

    assert from_json(document, Timeline) == request_.timeline


def test_script_documents_hold_the_words(request_: PackageRequest, context: FolderContext) -> None:
    files = by_name(make(request_, context))

    document = json.loads(context.store.fetch(files["script.json"].file).read_text())
    assert document["narration_text"].split("\n")[0] == "Cats purr when they rest."
    assert document["scenes"][2]["display_text"] == "Nobody knows why."
    assert context.store.fetch(files["script.txt"].file).read_text() == (
        "Why cats purr\n\nCats purr when they rest. A purr is a sound of the throat, made slowly. Nobody knows why.\n"
    )


def test_alignment_document_names_every_word_with_its_times(request_: PackageRequest, context: FolderContext) -> None:
    files = by_name(make(request_, context))

    words = json.loads(context.store.fetch(files["alignment.json"].file).read_text())["words"]
    assert len(words) == 18
    assert words[0] == {"text": "Cats", "start": 0.0, "end": 0.24, "confidence": 1.0, "scene_id": "s1"}


@pytest.mark.parametrize(
    ("shape", "widths"), [((640, 360), [1920, 960, 480]), ((360, 640), [608, 304, 152]), ((360, 360), [1080, 540, 270])]
)
def test_thumbnails_have_the_shape_of_the_video(
    request_: PackageRequest, context: FolderContext, shape: tuple[int, int], widths: list[int]
) -> None:
    picture = request_.pictures[0]
    candidate = Candidate(context.store.fetch(picture.image), picture.focus)

    drawn = [draw_thumbnail(candidate, height, shape=shape) for height in HEIGHTS]

    sizes = [Image.open(BytesIO(jpeg)).size for jpeg in drawn]
    assert sizes == list(zip(widths, (1080, 540, 270), strict=True))


def test_three_thumbnails_show_three_pictures(request_: PackageRequest, context: FolderContext) -> None:
    files = by_name(make(request_, context))

    chosen = [files[f"thumbnails/{name}.jpg"].file for name in ("thumbnail_1080", "choice_2", "choice_3")]
    assert len({blob.sha256 for blob in chosen}) == 3


def test_video_of_one_scene_has_one_thumbnail(request_: PackageRequest, context: FolderContext) -> None:
    alone = replace(request_, pictures=request_.pictures[:1])

    drawn = [file.name for file in _thumbnails(alone, context.store)]

    assert drawn == [f"thumbnails/thumbnail_{height}.jpg" for height in (1080, 540, 270)]


def test_chapters_are_in_the_package_as_a_track(request_: PackageRequest, context: FolderContext) -> None:
    files = by_name(make(request_, context))

    track = context.store.fetch(files["chapters.vtt"].file).read_text()
    assert track == "WEBVTT\n\n1\n00:00:00.000 --> 00:00:04.000\nPart 1\n\n"


def test_chosen_music_is_in_the_package(tmp_path: Path, context: FolderContext) -> None:
    song = context.store.put_bytes(b"song", ".mp3")
    inputs = finished_video(tmp_path, context.store, MusicChoice("file", song))

    package = make(PackageStep().request(inputs), context)

    assert by_name(package)["audio/music.mp3"].file == song


def test_timeline_that_names_a_missing_file_is_a_bug(request_: PackageRequest, context: FolderContext) -> None:
    other = replace(request_.timeline.narration, sha256="00" * 32)

    with pytest.raises(ValueError, match=r"audio/narration\.wav, which is not in the package"):
        make(replace(request_, timeline=replace(request_.timeline, narration=other)), context)


def refusal(request: PackageRequest, context: FolderContext) -> Rejected:
    context.store.puts.clear()
    with pytest.raises(Rejected) as refused:
        make(request, context)
    assert context.store.puts == []
    return refused.value


def test_failed_segment_refuses_the_video_with_a_sentence_and_figures(
    request_: PackageRequest, context: FolderContext
) -> None:
    black = replace(request_.render.segments[1], verdicts=(judge("segment_black", 40, where="s2"),))
    segments = (request_.render.segments[0], black, request_.render.segments[2])

    error = refusal(replace(request_, render=replace(request_.render, segments=segments)), context)

    assert error.code == "quality_gate"
    assert error.sentence == "The finished video failed its check: a scene is black. Please try again."
    assert str(error) == "segment_black at s2: 40 frames in a row, at most 15 frames in a row"


def test_segment_nobody_looked_at_refuses_the_video(request_: PackageRequest, context: FolderContext) -> None:
    segments = (*request_.render.segments[:2], replace(request_.render.segments[2], verdicts=()))

    error = refusal(replace(request_, render=replace(request_.render, segments=segments)), context)

    assert str(error) == "segments_checked: 2 scenes, exactly 3 scenes"


def test_film_shorter_than_its_timeline_refuses_the_video(
    request_: PackageRequest, context: FolderContext, tmp_path: Path
) -> None:
    short = context.store.put(encode(tmp_path / "short.mp4", moving(100), audio_samples=160_000), ".mp4")

    error = refusal(replace(request_, render=replace(request_.render, video=short)), context)

    assert str(error) == (
        "film_frames: 100 frames, exactly 120 frames; "
        "film_audio: 19.36 frames of difference, at most 1 frames of difference"
    )


def test_lost_caption_word_refuses_the_video(request_: PackageRequest, context: FolderContext) -> None:
    srt = context.store.put_bytes(b"1\n00:00:00,000 --> 00:00:01,000\nCats purr\n\n", ".srt")

    error = refusal(replace(request_, timings=replace(request_.timings, srt=srt)), context)

    assert str(error) == "captions_words at srt: 2 words, exactly 18 words"


def test_picture_of_one_colour_refuses_the_video(
    request_: PackageRequest, context: FolderContext, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "flat.png"), np.full((400, 600, 3), 70, np.uint8))
    flat = replace(request_.pictures[0], image=context.store.put(tmp_path / "flat.png", ".png"))

    error = refusal(replace(request_, pictures=(flat, *request_.pictures[1:])), context)

    assert error.sentence == (
        "The finished video failed its check: a picture is nearly a single colour. Please try again."
    )
