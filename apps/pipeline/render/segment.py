"""Render segments one after the other: one thread draws ahead into a few frames, the caller's thread encodes them.

Kernels and encoder give up the GIL, so both run at once and the encoder never waits for a picture.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from apps.pipeline.render.compositor import Resolve, SegmentComposer, StillShelf
from apps.pipeline.render.encoder import SegmentWriter, Slot, new_slot
from apps.pipeline.render.kernels import Kernel
from apps.pipeline.render.plan import SegmentRequest

SLOTS = 4


@dataclass(frozen=True)
class SegmentJob:
    """Segment `number` of the film, to be written to `path`."""

    number: int
    request: SegmentRequest
    path: Path


def render_segments(
    jobs: Sequence[SegmentJob],
    kernel: Kernel,
    resolve: Resolve,
    on_frame: Callable[[], None],
    on_segment: Callable[[SegmentJob], None],
) -> float:
    """Render all `jobs`, which share one size; return the CPU seconds that drawing took.

    `on_frame` is called after each frame, `on_segment` when a segment's file is whole. What drawing raises is raised
    here.
    """
    if not jobs:
        return 0.0
    drawing = _Drawing(jobs, kernel, resolve)
    thread = threading.Thread(target=drawing.run, name="compose", daemon=True)
    thread.start()
    try:
        for job in jobs:
            _encode(job, drawing, on_frame)
            on_segment(job)
    finally:
        drawing.stop()
        thread.join()
    return drawing.cpu_seconds


def _encode(job: SegmentJob, drawing: _Drawing, on_frame: Callable[[], None]) -> None:
    request = job.request
    with SegmentWriter(job.path, request.width, request.height, request.fps, request.encoder) as writer:
        for _ in range(request.frames):
            slot = drawing.next_drawn()
            writer.write(slot)
            drawing.give_back(slot)
            on_frame()


class _Drawing:
    """The drawing thread's work and the queues between it and the encoder; there are never more than SLOTS frames."""

    def __init__(self, jobs: Sequence[SegmentJob], kernel: Kernel, resolve: Resolve) -> None:
        self._jobs, self._kernel = jobs, kernel
        self._shelf = StillShelf(kernel, resolve)
        self._free: SimpleQueue[Slot | None] = SimpleQueue()
        self._drawn: SimpleQueue[Slot | Exception] = SimpleQueue()
        self.cpu_seconds = 0.0
        for _ in range(SLOTS):
            self._free.put(new_slot(jobs[0].request.width, jobs[0].request.height))

    def run(self) -> None:
        try:
            self._draw_all()
        except Exception as error:  # noqa: BLE001 - handed to the encoding thread, which raises it
            self._drawn.put(error)
        self.cpu_seconds = time.thread_time()

    def next_drawn(self) -> Slot:
        """Wait for the next frame in order."""
        drawn = self._drawn.get()
        if isinstance(drawn, Exception):
            raise drawn
        return drawn

    def give_back(self, slot: Slot) -> None:
        self._free.put(slot)

    def stop(self) -> None:
        self._free.put(None)

    def _draw_all(self) -> None:
        for job in self._jobs:
            composer = SegmentComposer(job.request, self._kernel, self._shelf)
            for frame in range(job.request.frames):
                slot = self._free.get()
                if slot is None:
                    return
                composer.draw(frame, slot.canvas)
                self._drawn.put(slot)
