"""Build the timeline: a pure function of what one video's scenes are, in whole frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from apps.pipeline.contracts import (
    FPS,
    SHAPE_SIZES,
    Blob,
    CaptionBlock,
    CaptionChoice,
    CaptionTrack,
    Focus,
    MediaFile,
    Music,
    MusicChoice,
    Niche,
    Overlay,
    Segment,
    Shape,
    Timeline,
    Transition,
)
from apps.pipeline.packaging.names import NARRATION, image_name, music_name
from apps.pipeline.timeline.blocks import ROOMS, TimedWord, caption_blocks
from apps.pipeline.timeline.moves import Subject, choose_motion
from apps.pipeline.timeline.themes import THEMES

VERSION = 1
FADE_FRAMES = 15
SHORTEST_FADE_FRAMES = 5
MUSIC_VOLUME_DB = -18.0
MUSIC_FADE_IN_SECONDS = 1.5
MUSIC_FADE_OUT_SECONDS = 3.0
TITLE_DELAY_FRAMES = 15
TITLE_FRAMES = 105
SHORTEST_TITLE_FRAMES = 30


@dataclass(frozen=True)
class PlannedScene:
    """One scene with everything the timeline says about it; `title` is empty when none is to be shown."""

    scene_id: str
    start_frame: int
    frames: int
    title: str
    image: Blob
    width: int
    height: int
    focus: Focus
    alt: str
    words: tuple[TimedWord, ...]


@dataclass(frozen=True)
class TimelineRequest:
    scenes: tuple[PlannedScene, ...]
    narration: Blob
    language: str
    shape: Shape
    niche: Niche
    captions: CaptionChoice
    music: MusicChoice
    seed: int


def build_timeline(request: TimelineRequest) -> Timeline:
    """Return the timeline. Raises ValueError when the scenes do not follow each other frame by frame."""
    _check_contiguous(request.scenes)
    width, height = SHAPE_SIZES[request.shape]
    frames = request.scenes[-1].start_frame + request.scenes[-1].frames
    return Timeline(
        version=VERSION,
        fps=FPS,
        width=width,
        height=height,
        duration_frames=frames,
        duration_ms=round(frames * 1000 / FPS),
        narration=_media(NARRATION, request.narration),
        music=_music(request.music, request.seed),
        segments=tuple(
            _segment(number, scene, _transition(request.scenes, number), request)
            for number, scene in enumerate(request.scenes)
        ),
        captions=_captions(request),
        theme=THEMES[request.niche],
    )


def _check_contiguous(scenes: Sequence[PlannedScene]) -> None:
    if not scenes or scenes[0].start_frame != 0:
        raise ValueError("the first scene must start at frame 0")
    for before, after in pairwise(scenes):
        if before.start_frame + before.frames != after.start_frame:
            raise ValueError(f"scene {after.scene_id} does not start where {before.scene_id} ends")


def _segment(number: int, scene: PlannedScene, transition: Transition, request: TimelineRequest) -> Segment:
    subject = Subject(
        scene_id=scene.scene_id,
        number=number,
        frames=scene.frames,
        focus=scene.focus,
        still=(scene.width, scene.height),
        output=SHAPE_SIZES[request.shape],
    )
    return Segment(
        scene_id=scene.scene_id,
        start_frame=scene.start_frame,
        frames=scene.frames,
        image=_media(image_name(number + 1), scene.image),
        alt=scene.alt,
        focus=scene.focus,
        motion=choose_motion(subject, request.seed),
        transition=transition,
        overlay=_overlay(scene),
    )


def _transition(scenes: Sequence[PlannedScene], number: int) -> Transition:
    """A fade takes at most a quarter of either scene; where that leaves next to nothing, a cut is cleaner."""
    if number == 0:
        return Transition("cut", 0)
    frames = min(FADE_FRAMES, scenes[number - 1].frames // 4, scenes[number].frames // 4)
    return Transition("fade", frames) if frames >= SHORTEST_FADE_FRAMES else Transition("cut", 0)


def _overlay(scene: PlannedScene) -> Overlay | None:
    start = scene.start_frame + TITLE_DELAY_FRAMES
    end = min(start + TITLE_FRAMES, scene.start_frame + scene.frames)
    if not scene.title or end - start < SHORTEST_TITLE_FRAMES:
        return None
    return Overlay(scene.title, start, end)


def _captions(request: TimelineRequest) -> CaptionTrack:
    room = ROOMS[request.captions.style][request.shape]
    blocks: list[CaptionBlock] = []
    for scene in request.scenes:
        blocks += caption_blocks(scene.words, scene.start_frame, scene.start_frame + scene.frames, room)
    return CaptionTrack(request.captions.style, request.captions.position, request.language, tuple(blocks))


def _music(choice: MusicChoice, seed: int) -> Music:
    file = choice.file if choice.kind == "file" else None
    return Music(
        kind=choice.kind,
        file=_media(music_name(file.suffix), file) if file else None,
        seed=seed,
        volume_db=MUSIC_VOLUME_DB,
        fade_in_seconds=MUSIC_FADE_IN_SECONDS,
        fade_out_seconds=MUSIC_FADE_OUT_SECONDS,
    )


def _media(path: str, blob: Blob) -> MediaFile:
    return MediaFile(path, blob.sha256, blob.suffix)
