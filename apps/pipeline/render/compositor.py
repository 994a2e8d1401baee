"""One segment's frames: the still as the camera sees it, the fade from the still before, then title and captions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import Blob, Motion
from apps.pipeline.render.canvas import Canvas, grids
from apps.pipeline.render.captions import CaptionPainter
from apps.pipeline.render.kernels import Kernel, Source
from apps.pipeline.render.motion import box_at
from apps.pipeline.render.patches import lay_patch
from apps.pipeline.render.plan import SegmentRequest, ShownStill
from apps.pipeline.render.planes import load_still
from apps.pipeline.render.titles import TitlePainter

Resolve = Callable[[Blob], Path]


@dataclass(frozen=True)
class ReadyStill:
    """A still as the kernel wants it; `sizes` are its planes' columns and rows."""

    aspect: float
    sources: tuple[Source, ...]
    sizes: tuple[tuple[int, int], ...]


class StillShelf:
    """The stills in use. A still is read once and dropped when a segment without it is begun."""

    def __init__(self, kernel: Kernel, resolve: Resolve) -> None:
        self._kernel = kernel
        self._resolve = resolve
        self._ready: dict[tuple[str, Motion], ReadyStill] = {}

    def take(self, shown: Iterable[ShownStill], width: int, height: int) -> list[ReadyStill]:
        """Return the stills for a `width` x `height` output and let go of all others."""
        wanted = list(shown)
        keys = [(still.image.sha256, still.motion) for still in wanted]
        self._ready = {key: self._ready[key] for key in keys if key in self._ready}
        for key, still in zip(keys, wanted, strict=True):
            if key not in self._ready:
                self._ready[key] = self._read(still, width, height)
        return [self._ready[key] for key in keys]

    def _read(self, still: ShownStill, width: int, height: int) -> ReadyStill:
        loaded = load_still(self._resolve(still.image), still.motion, width, height)
        sizes = tuple((plane.shape[1], plane.shape[0]) for plane in loaded.planes)
        return ReadyStill(loaded.aspect, tuple(self._kernel.prepare(plane) for plane in loaded.planes), sizes)


class SegmentComposer:
    """Draws the frames of one segment."""

    def __init__(self, request: SegmentRequest, kernel: Kernel, shelf: StillShelf) -> None:
        self._request = request
        self._kernel = kernel
        size = (request.width, request.height)
        self._shown = request.stills
        self._stills = shelf.take(self._shown, *size)
        self._captions = CaptionPainter(request.captions, request.theme, *size)
        overlay, position = request.overlay, request.captions.position
        self._title = TitlePainter(overlay, request.theme, position, *size) if overlay else None
        self._mixing: Canvas | None = None

    def draw(self, frame: int, canvas: Canvas) -> None:
        """Draw frame `frame` of the segment on the whole canvas."""
        self._show(0, frame, canvas)
        if self._request.previous and frame < self._request.fade_frames:
            self._mix_previous(frame, canvas)
        for painter in (self._title, self._captions):
            patch = painter.patch_at(frame) if painter else None
            if patch:
                lay_patch(self._kernel, canvas, patch)

    def _mix_previous(self, frame: int, canvas: Canvas) -> None:
        if self._mixing is None:
            self._mixing = canvas.like()
        fade_frames = self._request.fade_frames
        self._show(1, self._shown[1].visible_frames - fade_frames + frame, self._mixing)
        # The first frame of the fade already shows a little of the new still, the last one a little of the old.
        weight = 256 - round(256 * (frame + 1) / (fade_frames + 1))
        for target, other in zip(canvas.planes, self._mixing.planes, strict=True):
            self._kernel.blend(target, other, weight)

    def _show(self, which: int, frame: int, canvas: Canvas) -> None:
        still, shown = self._stills[which], self._shown[which]
        box = box_at(shown.motion, frame, shown.visible_frames, still.aspect)
        for source, grid, plane in zip(still.sources, grids(box, canvas, still.sizes), canvas.planes, strict=True):
            self._kernel.resample(source, grid, plane)
