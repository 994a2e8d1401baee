"""A timeline to a film in this process, for benchmarks and tools; the render step does it in a child process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import Blob, MediaFile, Timeline
from apps.pipeline.render.encoder import FAST, EncoderProfile
from apps.pipeline.render.join import join_film
from apps.pipeline.render.kernels import KernelChoice, load_kernel
from apps.pipeline.render.plan import segment_requests
from apps.pipeline.render.segment import SegmentJob, render_segments


@dataclass(frozen=True)
class RenderFacts:
    """What a render cost: CPU seconds of the drawing thread, and of everything else in the process meanwhile."""

    kernel: str
    frames: int
    size_bytes: int
    wall_seconds: float
    compose_cpu_seconds: float
    encode_cpu_seconds: float


def render_timeline(
    timeline: Timeline,
    resolve: Callable[[MediaFile], Path],
    out: Path,
    *,
    kernel: KernelChoice = "auto",
    audio: Path | None = None,
    encoder: EncoderProfile = FAST,
    cache_folder: Path | None = None,
) -> RenderFacts:
    """Render every segment and join them to `out`, with the AAC track of the MP4 file `audio` if there is one."""
    files = {segment.image.sha256: segment.image for segment in timeline.segments}
    loaded = load_kernel(kernel, cache_folder)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        jobs = [
            SegmentJob(number, request, Path(folder) / f"{number:05d}.mp4")
            for number, request in enumerate(segment_requests(timeline, encoder))
        ]
        wall, cpu = time.perf_counter(), time.process_time()
        compose = render_segments(jobs, loaded, _by_content(files, resolve), lambda: None, lambda job: None)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        join_film([job.path for job in jobs], audio, out, timeline.fps)
    return RenderFacts(loaded.name, timeline.duration_frames, out.stat().st_size, wall, compose, cpu - compose)


def _by_content(files: dict[str, MediaFile], resolve: Callable[[MediaFile], Path]) -> Callable[[Blob], Path]:
    return lambda blob: resolve(files[blob.sha256])
