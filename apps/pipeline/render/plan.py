"""What one segment depends on, and nothing else: times count from its own start, files go by content alone.

A scene that moves on the timeline therefore keeps its segment, and a changed scene touches two: its own and the next,
whose fade still shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from apps.pipeline.contracts import (
    Blob,
    CaptionBlock,
    CaptionTrack,
    MediaFile,
    Motion,
    Overlay,
    Segment,
    Theme,
    Timeline,
)
from apps.pipeline.render.encoder import FAST, EncoderProfile
from apps.pipeline.render.fonts import faces_of

RENDERER = 1
"""Raise it when equal requests give other pictures."""


@dataclass(frozen=True)
class ShownStill:
    """A still over the `visible_frames` of its motion, fades included."""

    image: Blob
    motion: Motion
    visible_frames: int


@dataclass(frozen=True)
class SegmentRequest:
    """`previous` lies under the first `fade_frames` frames, with the last of its visible ones.

    `faces` names the fonts that its text is drawn with where it is filmed (`lettered`).
    """

    renderer: int
    width: int
    height: int
    fps: int
    frames: int
    still: ShownStill
    previous: ShownStill | None
    fade_frames: int
    captions: CaptionTrack
    overlay: Overlay | None
    theme: Theme
    faces: tuple[str, ...]
    encoder: EncoderProfile

    @property
    def stills(self) -> tuple[ShownStill, ...]:
        """The still of the segment, then the one before it where that is seen."""
        return (self.still, self.previous) if self.previous else (self.still,)


def segment_requests(timeline: Timeline, encoder: EncoderProfile = FAST) -> tuple[SegmentRequest, ...]:
    """Return one request per segment of the timeline, in order, for a machine with whatever fonts."""
    return tuple(_request(timeline, number, encoder) for number in range(len(timeline.segments)))


def lettered(request: SegmentRequest) -> SegmentRequest:
    """Return the request with the fonts of this machine, which its pictures depend on."""
    return replace(request, faces=faces_of(drawn_text(request)))


def drawn_text(request: SegmentRequest) -> str:
    """Return all the words that are drawn on the segment."""
    return _words(request.captions, request.overlay)


def file_of(media: MediaFile) -> Blob:
    """Return how the store knows a file of the timeline; the store goes by content, so the size is left open."""
    return Blob(media.sha256, 0, media.suffix)


def _request(timeline: Timeline, number: int, encoder: EncoderProfile) -> SegmentRequest:
    segment = timeline.segments[number]
    captions = _captions(timeline.captions, segment)
    overlay = _overlay(segment)
    return SegmentRequest(
        renderer=RENDERER,
        width=timeline.width,
        height=timeline.height,
        fps=timeline.fps,
        frames=segment.frames,
        still=_shown(timeline, number),
        previous=_shown(timeline, number - 1) if _fade_frames(timeline, number) else None,
        fade_frames=_fade_frames(timeline, number),
        captions=captions,
        overlay=overlay,
        theme=timeline.theme,
        faces=(),
        encoder=encoder,
    )


def _shown(timeline: Timeline, number: int) -> ShownStill:
    segment = timeline.segments[number]
    return ShownStill(file_of(segment.image), segment.motion, segment.frames + _fade_frames(timeline, number + 1))


def _fade_frames(timeline: Timeline, number: int) -> int:
    """Return the frames of the fade that opens segment `number`, which needs a segment before it."""
    if not 0 < number < len(timeline.segments):
        return 0
    segment = timeline.segments[number]
    return min(segment.transition.frames, segment.frames) if segment.transition.kind == "fade" else 0


def _captions(track: CaptionTrack, segment: Segment) -> CaptionTrack:
    start, end = segment.start_frame, segment.start_frame + segment.frames
    inside = (block for block in track.blocks if start <= block.start_frame < end)
    return replace(track, blocks=tuple(_shifted(block, start) for block in inside))


def _shifted(block: CaptionBlock, start: int) -> CaptionBlock:
    words = tuple(
        replace(word, start_frame=word.start_frame - start, end_frame=word.end_frame - start) for word in block.words
    )
    return CaptionBlock(block.start_frame - start, block.end_frame - start, words)


def _words(captions: CaptionTrack, overlay: Overlay | None) -> str:
    words = [word.text for block in captions.blocks for word in block.words]
    return " ".join([*words, overlay.text] if overlay else words)


def _overlay(segment: Segment) -> Overlay | None:
    shown = segment.overlay
    if shown is None:
        return None
    start = segment.start_frame
    return Overlay(shown.text, max(0, shown.start_frame - start), min(segment.frames, shown.end_frame - start))
