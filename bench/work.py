"""The measured child processes: `python -m bench.work sound|render|encode TIMELINE OUT KERNEL` prints a JSON object.

Each is a process of its own, as the product renders in one: start-up and imports are part of what is measured.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import cast

from apps.pipeline.render.compositor import SegmentComposer, StillShelf
from apps.pipeline.render.encoder import FAST, SegmentWriter, Slot, new_slot
from apps.pipeline.render.film import render_timeline
from apps.pipeline.render.kernels import KernelChoice, load_kernel
from apps.pipeline.render.plan import segment_requests
from bench.item import WorkItem, load_item
from bench.sound import mix_sound

_READY_FRAMES = 60


def sound(item: WorkItem, out: Path, kernel: KernelChoice) -> dict[str, object]:
    """Mix the item's sound, which `render` then finds beside the timeline; no kernel takes part."""
    cpu_seconds = mix_sound(item.timeline, out)
    return {"frames": item.timeline.duration_frames, "mix_cpu_seconds": cpu_seconds}


def render(item: WorkItem, out: Path, kernel: KernelChoice) -> dict[str, object]:
    """Render the item as the product does, with its sound where that was mixed before."""
    audio = item.sound_path if item.sound_path.exists() else None
    return asdict(render_timeline(item.timeline, item.resolve, out, kernel=kernel, audio=audio))


def encode(item: WorkItem, out: Path, kernel: KernelChoice) -> dict[str, object]:
    """Encode ready frames with the product's parameters; only the encoder's CPU is counted.

    Frames are drawn sixty ahead, on this thread, whose CPU time meanwhile is subtracted.
    """
    size = (item.timeline.width, item.timeline.height)
    frames = _frames(item, kernel)
    slots = [new_slot(*size) for _ in range(_READY_FRAMES)]
    written = 0
    started, drawing = time.process_time(), 0.0
    with SegmentWriter(out, *size, item.timeline.fps, FAST) as writer:
        while written < item.timeline.duration_frames:
            before = time.thread_time()
            ready = _draw_ahead(frames, slots)
            drawing += time.thread_time() - before
            for slot in ready:
                writer.write(slot)
            written += len(ready)
    cpu = time.process_time() - started - drawing
    return {"frames": written, "encode_cpu_seconds": cpu, "size_bytes": out.stat().st_size}


def _frames(item: WorkItem, kernel: KernelChoice) -> Iterator[tuple[SegmentComposer, int]]:
    loaded = load_kernel(kernel)
    media = {segment.image.sha256: segment.image for segment in item.timeline.segments}
    shelf = StillShelf(loaded, lambda blob: item.resolve(media[blob.sha256]))
    for request in segment_requests(item.timeline):
        composer = SegmentComposer(request, loaded, shelf)
        for frame in range(request.frames):
            yield composer, frame


def _draw_ahead(frames: Iterator[tuple[SegmentComposer, int]], slots: Sequence[Slot]) -> list[Slot]:
    ready = []
    for slot, (composer, frame) in zip(slots, islice(frames, len(slots)), strict=False):
        composer.draw(frame, slot.canvas)
        ready.append(slot)
    return ready


def main() -> None:
    task, timeline, out, kernel = sys.argv[1:]
    work = {"sound": sound, "render": render, "encode": encode}[task]
    print(json.dumps(work(load_item(Path(timeline)), Path(out), cast(KernelChoice, kernel))))


if __name__ == "__main__":
    main()
