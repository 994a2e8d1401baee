"""A finished segment, held against what its still and its move let expect of it."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.contracts import Verdict
from apps.pipeline.render.canvas import Plane
from apps.pipeline.render.captions import caption_rows
from apps.pipeline.render.child_plan import PlannedSegment
from apps.pipeline.render.gate import BLACK_LUMA, FROZEN_FRAMES, STILL_SHARE, failed
from apps.pipeline.render.inspect import SegmentExpectation, inspect_segment
from apps.pipeline.render.luma import GRID, parted, upper
from apps.pipeline.render.motion import Box, box_at
from apps.pipeline.render.plan import SegmentRequest
from apps.pipeline.render.planes import StillPlanes, load_still

_A_LEVEL = 1.0
"""A softer change than this is lost in the encoder: over a sky it holds a picture for seconds on end."""


def check_segment(planned: PlannedSegment, stills: dict[str, str]) -> tuple[Verdict, ...]:
    """Return the verdicts on the segment's file; `stills` has the path of each still by its SHA-256.

    A segment that is black or stands still is excused where what the camera sees of its still is so itself: dark where
    the move begins or ends, or so soft that the move hardly changes it in two seconds.
    """
    request = planned.request
    holds_still = request.still.motion.start == request.still.motion.end
    verdicts = _checked(planned, may_be_dark=False, may_freeze=holds_still)
    faults = {verdict.check for verdict in failed(verdicts)}
    if not faults & {"segment_black", "segment_frozen"}:
        return verdicts
    path = Path(stills[request.still.image.sha256])
    still = load_still(path, request.still.motion, request.width, request.height)
    is_dark = "segment_black" in faults and _is_dark(request, still)
    is_soft = "segment_frozen" in faults and _is_soft(request, still)
    if not (is_dark or is_soft):
        return verdicts
    return _checked(planned, may_be_dark=is_dark, may_freeze=holds_still or is_soft)


def _checked(planned: PlannedSegment, *, may_be_dark: bool, may_freeze: bool) -> tuple[Verdict, ...]:
    request = planned.request
    expected = SegmentExpectation(
        request.frames,
        request.width,
        request.height,
        request.fps,
        may_freeze=may_freeze,
        may_be_dark=may_be_dark,
        caption_rows=caption_rows(request.captions, request.width, request.height),
    )
    return inspect_segment(Path(planned.path), expected, planned.where)


def _is_dark(request: SegmentRequest, still: StillPlanes) -> bool:
    ends = (box_at(request.still.motion, end, 2, still.aspect) for end in (0, 1))
    return any(upper(_cropped(still.planes[0], box)[::GRID, ::GRID]) <= BLACK_LUMA for box in ends)


def _cropped(luma: Plane, box: Box) -> Plane:
    rows, columns = luma.shape
    down, across = _span(box.top, box.height, rows), _span(box.left, box.width, columns)
    return luma[down, across]


def _span(start: float, length: float, count: int) -> slice:
    first = int(start * count)
    return slice(first, max(math.ceil((start + length) * count), first + 1))


def _is_soft(request: SegmentRequest, still: StillPlanes) -> bool:
    """Tell whether fewer pixels than move in a still picture change by a level, at the move's begin, middle or end."""
    luma, last = still.planes[0].astype(np.float32), request.frames - FROZEN_FRAMES
    return any(_change(request, still.aspect, luma, frame) < STILL_SHARE for frame in (0, last // 2, last))


def _change(request: SegmentRequest, aspect: float, luma: NDArray[np.float32], frame: int) -> float:
    """Return the share of pixels that change by a level until a picture counts as frozen, in the liveliest band."""
    shown = request.still
    before, after = (
        _sampled(luma, box_at(shown.motion, moment, shown.visible_frames, aspect), request)
        for moment in (frame, frame + FROZEN_FRAMES)
    )
    _, bands = parted(np.abs(after - before) >= _A_LEVEL, caption_rows(request.captions, request.width, request.height))
    return max(float(band.mean()) for band in bands)


def _sampled(luma: NDArray[np.float32], box: Box, request: SegmentRequest) -> NDArray[np.float32]:
    """Return what the frame's grid of pixels shows of the still, between its levels."""
    rows, columns = luma.shape
    across = box.left + box.width * (np.arange(GRID // 2, request.width, GRID) + 0.5) / request.width
    down = box.top + box.height * (np.arange(GRID // 2, request.height, GRID) + 0.5) / request.height
    at_x, at_y = np.meshgrid(across * columns - 0.5, down * rows - 0.5)
    places = at_x.astype(np.float32), at_y.astype(np.float32)
    return np.asarray(cv2.remap(luma, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
