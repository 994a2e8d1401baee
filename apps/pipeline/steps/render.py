"""Render: the timeline becomes a film, segment by segment in a process of its own, joined with one sound mix.

The work on a long film is shared out: its sound and each chunk of its segments are parts, which several machines make
side by side. The row that joins them recalls what they kept, and makes what has gone missing meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import AudioMix, Render, SegmentFile, Timeline
from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.encoder import FAST, EncoderProfile
from apps.pipeline.render.gate import failed, figures
from apps.pipeline.render.inspect import inspect_film
from apps.pipeline.render.join import join_film
from apps.pipeline.render.kernels import KernelChoice
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.steps.render_segments import Projector, SceneRequest, require_fonts, scene_requests
from apps.pipeline.steps.render_sound import SoundRequest, recall_or_mix, sound_request

_SOUND = "sound"
_SOUND_SHARE, _SEGMENTS_SHARE = 0.05, 0.95


@dataclass(frozen=True)
class RenderRequest:
    timeline: Timeline
    encoder: EncoderProfile


@dataclass(frozen=True)
class RenderPartRequest:
    """The sound, or scenes that follow one another."""

    sound: SoundRequest | None = None
    scenes: tuple[SceneRequest, ...] = ()


@dataclass(frozen=True)
class RenderPart:
    """What was made of a RenderPartRequest."""

    mix: AudioMix | None = None
    segments: tuple[SegmentFile, ...] = ()


class RenderStep(Step):
    """Makes what is missing of the segments, and keeps each the moment it is finished and inspected."""

    name = "render"
    status = "RENDERING"
    version = 2
    reads = ("timeline",)
    queue = "render"
    usual_seconds = 35.0
    timeout_seconds = 4 * 3600
    result = Render
    request_type = RenderRequest
    part_result = RenderPart
    part_request_type = RenderPartRequest

    def __init__(
        self,
        kernel: KernelChoice = "auto",
        cache_folder: Path | None = None,
        *,
        chunk_seconds: float = 0.0,
    ) -> None:
        """`cache_folder` keeps the compiled numba kernel between jobs; without one numba finds a place itself.

        With `chunk_seconds` of 0 no film is made in chunks.
        """
        self._projector = Projector(kernel, str(cache_folder or ""))
        self._chunk_seconds = chunk_seconds

    def parts(self, inputs: Inputs) -> dict[str, object]:
        """Return the sound and the chunks; nothing for a film of one chunk, which is made in one piece."""
        timeline: Timeline = inputs.contracts["timeline"]
        chunks = chunked(scene_requests(timeline, FAST), self._chunk_seconds * timeline.fps)
        if len(chunks) < 2:
            return {}
        named = {f"chunk_{number:03}": RenderPartRequest(scenes=scenes) for number, scenes in enumerate(chunks, 1)}
        return {_SOUND: RenderPartRequest(sound=sound_request(timeline)), **named}

    def make_part(self, request: RenderPartRequest, context: Context) -> RenderPart:
        """Raises what `make` raises."""
        if request.sound is not None:
            context.progress(0.0, "Mixing the sound")
            return RenderPart(mix=recall_or_mix(request.sound, context))
        require_fonts(request.scenes)
        return RenderPart(segments=self._projector.film(request.scenes, context))

    def request(self, inputs: Inputs) -> RenderRequest:
        return RenderRequest(inputs.contracts["timeline"], FAST)

    def make(self, request: RenderRequest, context: Context) -> Render:
        """Raises Rejected ("no_font") for text that cannot be drawn, Transient ("quality_gate") for a failed check."""
        timeline = request.timeline
        scenes = scene_requests(timeline, request.encoder)
        require_fonts(scenes)
        context.progress(0.0, "Mixing the sound")
        mix = recall_or_mix(sound_request(timeline), context)
        context.progress(_SOUND_SHARE, "Filming the scenes")
        segments = self._projector.film(scenes, context, (_SOUND_SHARE, _SEGMENTS_SHARE))
        context.progress(_SEGMENTS_SHARE, "Joining picture and sound")
        return _joined(timeline, mix, segments, context)


def chunked(scenes: Sequence[SceneRequest], frames_each: float) -> list[tuple[SceneRequest, ...]]:
    """Return the scenes in runs of about equal length, about `frames_each`; a longer scene stays whole."""
    frames = sum(scene.segment.frames for scene in scenes)
    chunks = max(1, round(frames / frames_each)) if frames_each else 1
    found: list[list[SceneRequest]] = [[] for _ in range(chunks)]
    begun = 0
    for scene in scenes:
        middle = begun + scene.segment.frames / 2
        found[int(middle * chunks / frames)].append(scene)
        begun += scene.segment.frames
    return [tuple(chunk) for chunk in found if chunk]


def _joined(timeline: Timeline, mix: AudioMix, segments: tuple[SegmentFile, ...], context: Context) -> Render:
    film = context.scratch / "film.mp4"
    paths = [context.store.fetch(segment.file) for segment in segments]
    join_film(paths, context.store.fetch(mix.m4a), film, timeline.fps)
    size = (timeline.width, timeline.height)
    verdicts = inspect_film(film, timeline.duration_frames, timeline.fps, mix.samples, size)
    if failed(verdicts):
        raise Transient("quality_gate", figures(verdicts))
    return Render(
        video=context.store.put(film, ".mp4"),
        mix=mix,
        segments=segments,
        width=timeline.width,
        height=timeline.height,
        fps=timeline.fps,
        frames=timeline.duration_frames,
        duration_ms=timeline.duration_ms,
        codec="h264",
    )
