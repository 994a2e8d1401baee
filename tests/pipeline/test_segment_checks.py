"""A finished segment beside its still: what it is excused, and what not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from apps.pipeline.contracts import Blob, CaptionBlock, CaptionPosition, CaptionStyle, CaptionTrack, Motion, Theme, View
from apps.pipeline.render.captions import caption_rows
from apps.pipeline.render.child_plan import PlannedSegment
from apps.pipeline.render.encoder import FAST
from apps.pipeline.render.gate import failed
from apps.pipeline.render.kernels import load_kernel
from apps.pipeline.render.plan import SegmentRequest, ShownStill
from apps.pipeline.render.segment import SegmentJob, render_segments
from apps.pipeline.render.segment_checks import check_segment
from tests.pipeline.clips import HEIGHT, WIDTH, captioned, encode, holding, texture

FRAMES = 90
SOFT = np.repeat(np.linspace(60, 200, HEIGHT + 100)[:, None], WIDTH + 100, axis=1).round().astype(np.uint8)
NO_CAPTIONS = CaptionTrack("boxed", "bottom", "en", ())


def zooming(percent_a_second: float) -> Motion:
    return Motion("zoom_in", View(1.0, 0.5, 0.5), View(1.0 + percent_a_second / 100 * FRAMES / 30, 0.5, 0.5))


def planned_segment(
    folder: Path, still: np.ndarray, motion: Motion, captions: CaptionTrack = NO_CAPTIONS, frames: int = FRAMES
) -> tuple[PlannedSegment, dict[str, str]]:
    """Return a plan of one segment and the stills it wants."""
    path = folder / "still.png"
    cv2.imwrite(str(path), still)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    shown = ShownStill(Blob(sha256, 0, ".png"), motion, frames)
    theme = Theme("#ffd60a", "#141414")
    request = SegmentRequest(1, WIDTH, HEIGHT, 30, frames, shown, None, 0, captions, None, theme, (), FAST)
    return PlannedSegment(0, "s0", request, str(folder / "segment.mp4")), {sha256: str(path)}


def faults(planned: PlannedSegment, stills: dict[str, str]) -> set[str]:
    return {verdict.check for verdict in failed(check_segment(planned, stills))}


@pytest.mark.parametrize(
    ("style", "position"),
    [("boxed", "top"), ("big_word", "middle"), ("big_word", "bottom"), ("lower_third", "top"), ("cinema", "middle")],
)
def test_still_scene_is_found_out_wherever_its_captions_change(
    tmp_path: Path, style: CaptionStyle, position: CaptionPosition
) -> None:
    track = CaptionTrack(style, position, "en", (CaptionBlock(0, FRAMES, ()),))
    first, last = caption_rows(track, WIDTH, HEIGHT)
    planned, stills = planned_segment(tmp_path, texture(), zooming(1.0), track)
    for baseline in (first + 26, last - 4):
        encode(Path(planned.path), captioned(holding(FRAMES), baseline))

        assert faults(planned, stills) == {"segment_frozen"}


def test_still_scene_of_a_soft_picture_is_found_out_where_its_move_would_be_seen(tmp_path: Path) -> None:
    planned, stills = planned_segment(tmp_path, SOFT, zooming(1.5))
    encode(Path(planned.path), (SOFT[:HEIGHT, :WIDTH] for _ in range(FRAMES)))

    assert faults(planned, stills) == {"segment_frozen"}


@pytest.mark.parametrize(("still", "percent_a_second"), [(SOFT, 0.02), (texture(), 0.02)], ids=["sky", "ground"])
def test_very_slow_scene_passes(tmp_path: Path, still: np.ndarray, percent_a_second: float) -> None:
    planned, stills = planned_segment(tmp_path, still, zooming(percent_a_second), frames=2 * FRAMES)
    job = SegmentJob(0, planned.request, Path(planned.path))
    kernel = load_kernel("auto", tmp_path)
    render_segments([job], kernel, lambda blob: Path(stills[blob.sha256]), lambda: None, lambda made: None)

    assert faults(planned, stills) == set()


@pytest.mark.parametrize("centre", [0.45, 0.3], ids=["into the dark", "in the dark"])
def test_scene_is_excused_for_the_part_of_its_picture_that_is_dark(tmp_path: Path, centre: float) -> None:
    still = texture()
    still[:, : still.shape[1] * 3 // 4] //= 24
    motion = Motion("pan_left", View(2.0, centre, 0.5), View(2.0, 0.27, 0.5))
    planned, stills = planned_segment(tmp_path, still, motion)
    encode(Path(planned.path), holding(FRAMES, luma=17))

    assert "segment_black" not in faults(planned, stills)
    assert "segment_black" in faults(*planned_segment(tmp_path, texture(), motion))


def test_what_is_excused_is_judged_as_before_for_the_rest(tmp_path: Path) -> None:
    planned, stills = planned_segment(tmp_path, SOFT, zooming(0.02))
    short = replace(planned, request=replace(planned.request, frames=FRAMES + 1))
    encode(Path(planned.path), (SOFT[:HEIGHT, :WIDTH] for _ in range(FRAMES)))

    assert faults(short, stills) == {"segment_frames"}
