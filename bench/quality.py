"""How good the film looks: VMAF against the exact frames, and how far its motion strays from the ideal one."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.contracts import Timeline
from apps.pipeline.render.ffmpeg import binary
from bench.item import WorkItem
from bench.reference import Reference

Grey = NDArray[np.uint8]

WINDOWS = ((100, 130), (170, 210), (280, 310), (420, 450))
"""Frames that are compared: inside a zoom, across a fade, zooming out, panning."""
PICTURE_ROWS = 800
"""Rows that no caption reaches; only these are compared."""
JITTER_SPANS = {"zoom": (60, 150), "zoom_drift": (210, 300), "pan": (400, 490)}
_DRIFT_DEGREE = 3
_TAGS = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"


@dataclass(frozen=True)
class Quality:
    """`vmaf_low` is the 5th percentile of the frames; jitter is the deviation from a smooth path in pixels rms."""

    vmaf: float
    vmaf_low: float
    jitter: dict[str, float]


def judge_film(film: Path, item: WorkItem) -> Quality:
    """Compare the film of at least one scene with the exact frames of its item."""
    reference = Reference(item)
    scores = _vmaf(film, item.timeline, reference)
    return Quality(float(np.mean(scores)), float(np.percentile(scores, 5)), _jitter(film, item.timeline, reference))


def _vmaf(film: Path, timeline: Timeline, reference: Reference) -> list[float]:
    windows = [window for window in WINDOWS if window[1] <= timeline.duration_frames]
    with tempfile.TemporaryDirectory() as folder:
        exact, log = Path(folder) / "exact.yuv", Path(folder) / "vmaf.json"
        with exact.open("wb") as stream:
            for first, end in windows:
                stream.writelines(reference.planar(frame) for frame in range(first, end))
        subprocess.run(_vmaf_command(film, exact, log, windows, timeline), check=True)
        frames = json.loads(log.read_text())["frames"]
    return [frame["metrics"]["vmaf"] for frame in frames]


def _vmaf_command(film: Path, exact: Path, log: Path, windows: list[tuple[int, int]], timeline: Timeline) -> list[str]:
    size = f"{timeline.width}x{timeline.height}"
    chosen = "+".join(f"between(n\\,{first}\\,{end - 1})" for first, end in windows)
    crop = f"crop={timeline.width}:{PICTURE_ROWS}:0:0"
    graph = (
        f"[0:v]{_TAGS},trim=end_frame={windows[-1][1]},select='{chosen}',setpts=N/30/TB,{crop},format=yuv420p[film];"
        f"[1:v]{_TAGS},setpts=N/30/TB,{crop}[exact];"
        f"[film][exact]libvmaf=n_threads=2:n_subsample=2:log_fmt=json:log_path={log}"
    )
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(timeline.fps), "-i", str(exact)]
    return [binary(), "-v", "error", "-nostdin", "-i", str(film), *raw, "-filter_complex", graph, "-f", "null", "-"]


def _jitter(film: Path, timeline: Timeline, reference: Reference) -> dict[str, float]:
    spans = {name: span for name, span in JITTER_SPANS.items() if span[1] <= timeline.duration_frames}
    offsets: dict[str, list[NDArray[np.float64]]] = {name: [] for name in spans}
    for number, luma in enumerate(_lumas(film, max(end for _, end in spans.values()))):
        for name, (first, end) in spans.items():
            if first <= number < end:
                offsets[name].append(_displacement(reference.luma(number), luma))
    return {name: _roughness(np.array(path)) for name, path in offsets.items()}


def _lumas(film: Path, count: int) -> Iterator[Grey]:
    with av.open(str(film)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == count:
                return
            plane = frame.planes[0]
            yield np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def _displacement(exact: Grey, seen: Grey) -> NDArray[np.float64]:
    """Where the seen picture lies against the exact one, at the centre and four points around it, in pixels.

    Sub-pixel optical flow (Lucas-Kanade) of up to 250 corners, fitted by an affine map without its outliers.
    """
    exact, seen = (cv2.GaussianBlur(picture, (0, 0), 1.0)[:PICTURE_ROWS] for picture in (exact, seen))
    corners = cv2.goodFeaturesToTrack(exact, 250, 0.02, 25)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-4)
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        exact, seen, corners, None, winSize=(25, 25), maxLevel=1, criteria=criteria
    )
    kept = found[:, 0] == 1
    centre = np.array([exact.shape[1] / 2, exact.shape[0] / 2])
    places = np.c_[np.ones(kept.sum()), (corners[kept, 0] - centre) / centre]
    return _PROBES @ _fitted(places, (moved - corners)[kept, 0])


_PROBES = np.array([[1, 0, 0], [1, -0.8, -0.8], [1, 0.8, -0.8], [1, -0.8, 0.5], [1, 0.8, 0.5]])


def _fitted(places: NDArray[np.float64], shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    for _ in range(4):
        solution = np.linalg.lstsq(places, shifts, rcond=None)[0]
        misses = np.abs(shifts - places @ solution).max(axis=1)
        near = misses < max(3 * float(np.median(misses)), 1e-3)
        places, shifts = places[near], shifts[near]
    return np.asarray(solution)


def _roughness(path: NDArray[np.float64]) -> float:
    """What is left of the displacements over time after a slow drift (a cubic) is taken out, rms."""
    flat = path.reshape(len(path), -1)
    time = np.linspace(-1, 1, len(flat))
    drift = np.stack([np.polyval(np.polyfit(time, column, _DRIFT_DEGREE), time) for column in flat.T], axis=1)
    return float(np.sqrt(((flat - drift) ** 2).mean()))
