"""The renderer against the benchmark's exact frames, which share no code with it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from apps.pipeline.contracts import CaptionTrack, MediaFile, Segment, Timeline
from apps.pipeline.render.compositor import SegmentComposer, StillShelf
from apps.pipeline.render.encoder import new_slot
from apps.pipeline.render.kernels import load_kernel
from apps.pipeline.render.plan import segment_requests
from apps.pipeline.steps.timeline import TimelineStep
from bench.item import MOTIONS, WorkItem
from bench.reference import Reference
from tests.pipeline.small_video import inputs_of

SCENE_FRAMES = 60


@pytest.fixture(scope="module")
def item(tmp_path_factory: pytest.TempPathFactory) -> WorkItem:
    """One scene for each of the benchmark's motions, each fading into the next."""
    folder = tmp_path_factory.mktemp("item")
    noise = np.random.default_rng(5).uniform(0, 255, (1024, 1792, 3)).astype(np.float32)
    still = np.clip(cv2.GaussianBlur(noise, (0, 0), 3) * 6 - 640, 0, 255).astype(np.uint8)
    cv2.imwrite(str(folder / "still.png"), still)
    inputs = inputs_of((SCENE_FRAMES,) * len(MOTIONS), ("One two three.",) * len(MOTIONS))
    timeline = TimelineStep().make(TimelineStep().request(inputs), context=None)
    segments = tuple(_moving(segment, number) for number, segment in enumerate(timeline.segments))
    return WorkItem(replace(timeline, segments=segments, captions=_silent(timeline)), folder)


def _moving(segment: Segment, number: int) -> Segment:
    return replace(segment, image=MediaFile("still", "still", ".png"), motion=MOTIONS[number])


def _silent(timeline: Timeline) -> CaptionTrack:
    return replace(timeline.captions, blocks=())


@pytest.mark.parametrize("number", range(len(MOTIONS)), ids=[motion.kind for motion in MOTIONS])
@pytest.mark.parametrize("local", [7, 40], ids=["in the fade", "alone"])
def test_drawn_frame_is_the_exact_one_within_the_kernels_softness(item: WorkItem, number: int, local: int) -> None:
    """A move that is late by one frame measures 33 dB or less."""
    kernel = load_kernel("auto")
    request = segment_requests(item.timeline)[number]
    slot = new_slot(request.width, request.height)

    shelf = StillShelf(kernel, lambda blob: item.folder / "still.png")
    SegmentComposer(request, kernel, shelf).draw(local, slot.canvas)

    exact = Reference(item).luma(number * SCENE_FRAMES + local)
    drawn = slot.canvas.planes[0][:, : request.width]
    assert _psnr(drawn[8:-8, 8:-8], exact[8:-8, 8:-8]) > 50


def _psnr(left: np.ndarray, right: np.ndarray) -> float:
    error = np.mean((left.astype(np.float64) - right) ** 2)
    return float(10 * np.log10(255**2 / error))
