"""The plan of a video: scenes, fades, titles, captions, sound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.pipeline.contracts import Blob, CaptionChoice, MediaFile, Music, MusicChoice, Overlay, Theme, Timeline
from apps.pipeline.steps.base import Inputs
from apps.pipeline.steps.timeline import TimelineStep
from tests.pipeline.small_video import BLOB, inputs_of


def build(inputs: Inputs) -> Timeline:
    step = TimelineStep()
    return step.make(step.request(inputs), context=None)


def test_segments_follow_the_voice_frame_by_frame() -> None:
    timeline = build(inputs_of((120, 150, 90)))

    assert [(s.scene_id, s.start_frame, s.frames) for s in timeline.segments] == [
        ("s1", 0, 120),
        ("s2", 120, 150),
        ("s3", 270, 90),
    ]
    assert (timeline.duration_frames, timeline.duration_ms, timeline.fps) == (360, 12_000, 30)


@pytest.mark.parametrize(("shape", "size"), [("16:9", (1920, 1080)), ("9:16", (1080, 1920)), ("1:1", (1080, 1080))])
def test_shape_sets_the_size(shape: str, size: tuple[int, int]) -> None:
    timeline = build(inputs_of(shape=shape))

    assert (timeline.width, timeline.height) == size


@pytest.mark.parametrize(
    ("frames", "fades"),
    [((120, 150, 90), [0, 15, 15]), ((120, 40, 90), [0, 10, 10]), ((120, 19, 90), [0, 0, 0])],
)
def test_short_scenes_get_short_fades_or_cuts(frames: tuple[int, ...], fades: list[int]) -> None:
    timeline = build(inputs_of(frames))

    assert [segment.transition.frames for segment in timeline.segments] == fades
    assert [segment.transition.kind for segment in timeline.segments] == [("fade" if n else "cut") for n in fades]


def test_media_have_relative_paths_and_their_hash() -> None:
    timeline = build(inputs_of())

    assert timeline.narration == MediaFile("audio/narration.wav", BLOB.sha256, ".wav")
    assert timeline.segments[1].image == MediaFile("images/scene_002.png", "cd" * 32, ".png")


def test_titles_are_shown_only_when_asked_for() -> None:
    assert [segment.overlay for segment in build(inputs_of()).segments] == [None, None, None]
    assert [segment.overlay for segment in build(inputs_of(on_screen_titles=True)).segments] == [
        Overlay("Title 1", 15, 120),
        Overlay("Title 2", 135, 240),
        Overlay("Title 3", 285, 360),
    ]


def test_captions_hold_the_scripts_words_in_the_chosen_style() -> None:
    inputs = inputs_of(captions=CaptionChoice("karaoke", "top"))

    track = build(inputs).captions

    shown = [word.text for block in track.blocks for word in block.words]
    assert shown == inputs.contracts["script"].narration_text.split()
    assert (track.style, track.position, track.language) == ("karaoke", "top", "en")


def test_chosen_music_file_is_named_in_the_package() -> None:
    song = Blob("ef" * 32, 99, ".mp3")

    timeline = build(inputs_of(music=MusicChoice("file", song)))

    assert timeline.music == Music("file", MediaFile("audio/music.mp3", song.sha256, ".mp3"), 7, -18.0, 1.5, 3.0)


def test_niche_gives_the_theme() -> None:
    assert build(inputs_of(niche_preset="finance")).theme == Theme("#3ddc97", "#0d1a16")


def test_same_inputs_give_the_same_plan() -> None:
    assert build(inputs_of()) == build(inputs_of())


def test_change_in_one_scene_leaves_the_other_motions_alone() -> None:
    before = build(inputs_of((120, 150, 90)))
    after = build(inputs_of((120, 200, 90), ("Cats purr when they rest.", "Quite other words.", "Nobody knows why.")))

    assert [after.segments[i].motion for i in (0, 2)] == [before.segments[i].motion for i in (0, 2)]


def test_words_that_are_not_the_scripts_are_refused() -> None:
    inputs = inputs_of()
    timings = inputs.contracts["alignment"]
    heard = replace(timings, words=(replace(timings.words[0], text="Hats"), *timings.words[1:]))
    wrong = Inputs(inputs.brief, {**inputs.contracts, "alignment": heard})

    with pytest.raises(ValueError, match="the timed words of s1 are not the script's"):
        TimelineStep().request(wrong)
