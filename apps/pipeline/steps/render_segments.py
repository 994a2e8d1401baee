"""The pictures of a film as units of the render step: each segment is kept the moment it is finished and inspected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apps.pipeline.contracts import SegmentFile, Timeline
from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.child_plan import ChildPlan, ChildReport, PlannedSegment
from apps.pipeline.render.child_run import render_in_child
from apps.pipeline.render.encoder import EncoderProfile
from apps.pipeline.render.fonts import require_glyphs
from apps.pipeline.render.gate import failed, figures
from apps.pipeline.render.kernels import KernelChoice
from apps.pipeline.render.plan import SegmentRequest, drawn_text, lettered, segment_requests
from apps.pipeline.steps.base import Context


@dataclass(frozen=True)
class SceneRequest:
    """One scene's segment; the scene's name is no part of its key as a unit."""

    scene_id: str
    segment: SegmentRequest


@dataclass(frozen=True)
class Projector:
    """Makes segments, in one process for all that are missing; `cache_folder` keeps the compiled numba kernel."""

    kernel: KernelChoice
    cache_folder: str

    def film(
        self, scenes: Sequence[SceneRequest], context: Context, shares: tuple[float, float] = (0.0, 1.0)
    ) -> tuple[SegmentFile, ...]:
        """Return one file per scene. `shares` are the progress before and after them.

        Raises Transient ("quality_gate") for a failed check.
        """
        here = [replace(scene, segment=lettered(scene.segment)) for scene in scenes]
        reel = _Reel(here, context, shares)
        if reel.missing:
            plan = ChildPlan(reel.planned(), reel.stills(), self.kernel, self.cache_folder)
            render_in_child(plan, reel.hear, reel.tell)
        return reel.finished()


def scene_requests(timeline: Timeline, encoder: EncoderProfile) -> tuple[SceneRequest, ...]:
    """Return one request per segment of the timeline, in order."""
    names = (segment.scene_id for segment in timeline.segments)
    return tuple(map(SceneRequest, names, segment_requests(timeline, encoder)))


def require_fonts(scenes: Sequence[SceneRequest]) -> None:
    """Raises Rejected ("no_font") for text that cannot be drawn."""
    for scene in scenes:
        require_glyphs(drawn_text(scene.segment))


class _Reel:
    """Which segments exist, which are being made, and how many of their frames are done."""

    def __init__(self, scenes: Sequence[SceneRequest], context: Context, shares: tuple[float, float]) -> None:
        self._scenes = scenes
        self._context = context
        self._shares = shares
        self._files = [self._recalled(scene) for scene in scenes]
        self.missing = [number for number, file in enumerate(self._files) if file is None]
        self._frames = 0

    def planned(self) -> tuple[PlannedSegment, ...]:
        return tuple(
            PlannedSegment(number, self._scenes[number].scene_id, self._segment(number), str(self._path(number)))
            for number in self.missing
        )

    def stills(self) -> dict[str, str]:
        shown = (still for number in self.missing for still in self._segment(number).stills)
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
        total = sum(self._segment(number).frames for number in self.missing)
        done = sum(self._files[number] is not None for number in self.missing)
        before, after = self._shares
        share = before + (after - before) * self._frames / total
        self._context.progress(share, f"{done} of {len(self.missing)} scenes filmed")

    def finished(self) -> tuple[SegmentFile, ...]:
        return tuple(file for file in self._files if file is not None)

    def _keep(self, number: int, report: ChildReport) -> None:
        scene, path = self._scenes[number], self._path(number)
        blob = self._context.store.put(path, ".mp4")
        path.unlink()
        file = SegmentFile(scene.scene_id, blob, scene.segment.frames, report.verdicts)
        self._context.keep(_unit(scene), scene.segment, file)
        self._files[number] = file

    def _recalled(self, scene: SceneRequest) -> SegmentFile | None:
        found = self._context.recall(_unit(scene), scene.segment, SegmentFile)
        return replace(found, scene_id=scene.scene_id) if found else None

    def _segment(self, number: int) -> SegmentRequest:
        return self._scenes[number].segment

    def _path(self, number: int) -> Path:
        return self._context.scratch / f"segment-{number:05d}.mp4"


def _unit(scene: SceneRequest) -> str:
    return f"segment-{scene.scene_id}"
