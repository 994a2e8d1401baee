"""`python -m bench`: measure, then report. Runs take turns, and what is reported is the median of their ratios."""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from apps.pipeline.render.inspect import SegmentExpectation, inspect_segment
from bench import peers, report
from bench.item import SCENE_SECONDS, WorkItem, make_item
from bench.measure import Run, measured
from bench.quality import judge_film

_SCENE_FRAMES_NEEDED_FOR_QUALITY = 490


@dataclass
class Bench:
    """The figures so far. `folder` holds the item and the films."""

    folder: Path
    figures: dict[str, float] = field(default_factory=dict)

    def compare_with_encoder(self, item: WorkItem, pairs: int, kernels: Sequence[str]) -> None:
        """Render and encode in turn: each render is compared with the encoder's run beside it."""
        ratios: dict[str, list[float]] = {kernel: [] for kernel in kernels}
        for number in range(pairs):
            for kernel in kernels:
                encoder = self._run(f"pair {number + 1}: encoder", peers.encode_command(item, self._film("encoder")))
                render = self._run(
                    f"pair {number + 1}: {kernel}", peers.render_command(item, self._film(kernel), kernel)
                )
                ratios[kernel].append(render.cpu_seconds / encoder.facts["encode_cpu_seconds"])
                self._note_render(kernel, render, item)
                self._note("encoder_ms_per_frame", 1000 * encoder.facts["encode_cpu_seconds"], encoder.facts["frames"])
        for kernel in kernels:
            self.figures[f"{kernel}_to_encoder"] = median(ratios[kernel])

    def compare_with_moviepy(self, item: WorkItem) -> None:
        """One run of MoviePy on a short item, by CPU per frame."""
        run = self._run("MoviePy", peers.moviepy_command(item, self._film("moviepy")))
        self._note("moviepy_ms_per_frame", 1000 * run.cpu_seconds, run.facts["frames"])
        if run.peak_mib:
            self.figures["moviepy_peak_mib"] = run.peak_mib
        for kernel in ("c", "numba"):
            if f"{kernel}_ms_per_frame" in self.figures:
                ratio = self.figures["moviepy_ms_per_frame"] / self.figures[f"{kernel}_ms_per_frame"]
                self.figures[f"moviepy_to_{kernel}"] = ratio

    def measure_long_film(self, item: WorkItem, kernels: Sequence[str]) -> None:
        """Peak memory must not grow with the film."""
        for kernel in kernels:
            run = self._run(f"long film: {kernel}", peers.render_command(item, self._film("long"), kernel))
            if run.peak_mib:
                self.figures[f"{kernel}_long_peak_mib"] = run.peak_mib

    def measure_sound(self, item: WorkItem) -> None:
        """Mix the item's sound once; the renders take it in."""
        run = self._run("sound", peers.sound_command(item))
        self._note("sound_ms_per_frame", 1000 * float(run.facts["mix_cpu_seconds"]), run.facts["frames"])

    def measure_gate(self, item: WorkItem, kernel: str) -> None:
        """The decode and statistics that the quality gate spends on the film's pixels."""
        timeline = item.timeline
        expected = SegmentExpectation(timeline.duration_frames, timeline.width, timeline.height, timeline.fps)
        started = time.process_time()
        inspect_segment(self._film(kernel), expected)
        cpu_ms = 1000 * (time.process_time() - started) / timeline.duration_frames
        self.figures["gate_to_encoder"] = cpu_ms / self.figures["encoder_ms_per_frame"]
        self.figures["sound_to_encoder"] = self.figures["sound_ms_per_frame"] / self.figures["encoder_ms_per_frame"]

    def measure_quality(self, item: WorkItem, kernel: str) -> None:
        """VMAF and jitter of the film that was rendered last."""
        quality = judge_film(self._film(kernel), item)
        self.figures |= {"vmaf": quality.vmaf, "vmaf_low": quality.vmaf_low}
        self.figures |= {f"jitter_{name}": value for name, value in quality.jitter.items()}

    def _run(self, label: str, command: list[str]) -> Run:
        print(f"{label} …", file=sys.stderr, flush=True)
        return measured(command)

    def _film(self, name: str) -> Path:
        return self.folder / f"{name}.mp4"

    def _note(self, name: str, total: float, frames: int) -> None:
        """Keep the lowest cost per frame: noise only adds."""
        self.figures[name] = min(self.figures.get(name, float("inf")), total / frames)

    def _note_render(self, kernel: str, run: Run, item: WorkItem) -> None:
        self._note(f"{kernel}_ms_per_frame", 1000 * run.cpu_seconds, run.facts["frames"])
        bits = 8 * run.facts["size_bytes"] / (item.timeline.duration_ms / 1000)
        self.figures["megabits_per_second"] = bits / 1e6
        if run.peak_mib:
            self.figures[f"{kernel}_peak_mib"] = max(self.figures.get(f"{kernel}_peak_mib", 0.0), run.peak_mib)


def main() -> None:
    options = _options()
    bench = Bench(options.folder)
    options.folder.mkdir(parents=True, exist_ok=True)
    item = make_item(options.folder, options.seconds)
    bench.measure_sound(item)
    bench.compare_with_encoder(item, options.pairs, options.kernels)
    bench.measure_gate(item, options.kernels[0])
    if not options.no_quality and item.timeline.duration_frames >= _SCENE_FRAMES_NEEDED_FOR_QUALITY:
        bench.measure_quality(item, options.kernels[0])
    if not options.no_moviepy:
        bench.compare_with_moviepy(make_item(options.folder, min(options.seconds, options.moviepy_seconds)))
    if options.minutes:
        bench.measure_long_film(make_item(options.folder, 60 * options.minutes), options.kernels)
    report.show(bench.figures, _facts(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help=f"length of the film, in scenes of {SCENE_SECONDS} s")
    parser.add_argument("--pairs", type=int, default=2, help="how often each kernel and the encoder take turns")
    parser.add_argument("--kernels", nargs="+", choices=["c", "numba"], default=peers.available_kernels())
    parser.add_argument("--no-moviepy", action="store_true")
    parser.add_argument("--moviepy-seconds", type=int, default=12, help="MoviePy's shorter film")
    parser.add_argument("--no-quality", action="store_true", help="leave out VMAF and jitter")
    parser.add_argument("--minutes", type=int, default=0, help="also render a film this long, for its memory")
    parser.add_argument("--folder", type=Path, default=peers.ROOT / "var" / "bench")
    return parser.parse_args()


def _facts(options: argparse.Namespace) -> dict[str, object]:
    return {
        "seconds": options.seconds,
        "pairs": options.pairs,
        "machine": platform.machine(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
