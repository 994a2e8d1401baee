"""Render: the timeline becomes a film, segment by segment in a process of its own, joined with one sound mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apps.pipeline.contracts import AudioMix, Render, SegmentFile, Timeline
from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.child_plan import ChildPlan, ChildReport, PlannedSegment
from apps.pipeline.render.child_run import render_in_child
from apps.pipeline.render.encoder import FAST, EncoderProfile
from apps.pipeline.render.fonts import require_glyphs
from apps.pipeline.render.gate import failed, figures
from apps.pipeline.render.inspect import inspect_film
from apps.pipeline.render.join import join_film
from apps.pipeline.render.kernels import KernelChoice
from apps.pipeline.render.plan import SegmentRequest, drawn_text, segment_requests
from apps.pipeline.steps.base import Context, Inputs, Step
from apps.pipeline.steps.render_sound import recall_or_mix

_SOUND_SHARE, _SEGMENTS_SHARE = 0.05, 0.95


@dataclass(frozen=True)
class RenderRequest:
    timeline: Timeline
    encoder: EncoderProfile


class RenderStep(Step):
    """Makes what is missing of the segments, and keeps each the moment it is finished and inspected."""

    name = "render"
    status = "RENDERING"
    reads = ("timeline",)
    queue = "render"
    usual_seconds = 35.0
    timeout_seconds = 4 * 3600
    result = Render
    request_type = RenderRequest

    def __init__(self, kernel: KernelChoice = "auto", cache_folder: Path | None = None) -> None:
        """`cache_folder` keeps the compiled numba kernel between jobs; without one numba finds a place itself."""
        self._kernel: KernelChoice = kernel
        self._cache_folder = str(cache_folder or "")

    def request(self, inputs: Inputs) -> RenderRequest:
        return RenderRequest(inputs.contracts["timeline"], FAST)

    def make(self, request: RenderRequest, context: Context) -> Render:
        """Raises Rejected ("no_font") for text that cannot be drawn, Transient ("quality_gate") for a failed check."""
        timeline = request.timeline
        requests = segment_requests(timeline, request.encoder)
        for segment in requests:
            require_glyphs(drawn_text(segment))
        context.progress(0.0, "Mixing the sound")
        mix = recall_or_mix(timeline, context)
        context.progress(_SOUND_SHARE, "Filming the scenes")
        segments = self._segments(timeline, requests, context)
        context.progress(_SEGMENTS_SHARE, "Joining picture and sound")
        return _joined(timeline, mix, segments, context)

    def _segments(
        self, timeline: Timeline, requests: Sequence[SegmentRequest], context: Context
    ) -> tuple[SegmentFile, ...]:
        progress = _Progress(timeline, requests, context)
        if progress.missing:
            plan = ChildPlan(progress.planned(), progress.stills(), self._kernel, self._cache_folder)
            render_in_child(plan, progress.hear, progress.tell)
        return progress.finished()


class _Progress:
    """Which segments exist, which are being made, and how many of their frames are done."""

    def __init__(self, timeline: Timeline, requests: Sequence[SegmentRequest], context: Context) -> None:
        self._scene_ids = [segment.scene_id for segment in timeline.segments]
        self._requests = requests
        self._context = context
        self._files = [self._recalled(number) for number in range(len(requests))]
        self.missing = [number for number, file in enumerate(self._files) if file is None]
        self._frames = 0

    def planned(self) -> tuple[PlannedSegment, ...]:
        return tuple(
            PlannedSegment(number, self._scene_ids[number], self._requests[number], str(self._path(number)))
            for number in self.missing
        )

    def stills(self) -> dict[str, str]:
        shown = (still for number in self.missing for still in self._requests[number].stills)
        images = {still.image.sha256: still.image for still in shown}
        return {sha256: str(self._context.store.fetch(image)) for sha256, image in images.items()}

    def hear(self, report: ChildReport) -> None:
        """Keep the segment that the report brings, if it brings one and the segment passed."""
        self._frames = report.frames
        self.tell()
        if report.segment is None:
            return
        if failed(report.verdicts):
            raise Transient("quality_gate", figures(report.verdicts))
        self._keep(report.segment, report)

    def tell(self) -> None:
        total = sum(self._requests[number].frames for number in self.missing)
        done = sum(self._files[number] is not None for number in self.missing)
        share = _SOUND_SHARE + (_SEGMENTS_SHARE - _SOUND_SHARE) * self._frames / total
        self._context.progress(share, f"{done} of {len(self.missing)} scenes filmed")

    def finished(self) -> tuple[SegmentFile, ...]:
        return tuple(file for file in self._files if file is not None)

    def _keep(self, number: int, report: ChildReport) -> None:
        path = self._path(number)
        blob = self._context.store.put(path, ".mp4")
        path.unlink()
        file = SegmentFile(self._scene_ids[number], blob, self._requests[number].frames, report.verdicts)
        self._context.keep(self._unit(number), self._requests[number], file)
        self._files[number] = file

    def _recalled(self, number: int) -> SegmentFile | None:
        found = self._context.recall(self._unit(number), self._requests[number], SegmentFile)
        return replace(found, scene_id=self._scene_ids[number]) if found else None

    def _unit(self, number: int) -> str:
        return f"segment-{self._scene_ids[number]}"

    def _path(self, number: int) -> Path:
        return self._context.scratch / f"segment-{number:05d}.mp4"


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
