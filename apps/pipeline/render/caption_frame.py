"""One still with a caption on it, drawn as in a film: for choosing a style before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.contracts import FPS, CaptionBlock, CaptionPosition, CaptionStyle, CaptionTrack, Niche, Shape, Token
from apps.pipeline.render.canvas import Plane
from apps.pipeline.render.captions import CaptionPainter
from apps.pipeline.render.patches import Patch
from apps.pipeline.render.planes import RGB_TO_YUV, planes_of
from apps.pipeline.timeline.blocks import ROOMS, TimedWord, caption_blocks
from apps.pipeline.timeline.themes import THEMES

SIZES: dict[Shape, tuple[int, int]] = {"16:9": (480, 270), "9:16": (270, 480), "1:1": (360, 360)}
_DRAWN_LARGER = 2  # below 18 px text keeps its size; drawn twice as large it keeps its proportion
_WORD_SECONDS = 0.4
_SHOWN_WORD = 1
_QUALITY = 82
_RGB_FROM_YUV = np.linalg.inv(RGB_TO_YUV[:, :3].astype(np.float64))


@dataclass(frozen=True)
class FrameRequest:
    """`tokens` are the film's first words; as many of them as fit stand on the frame."""

    tokens: tuple[Token, ...]
    language: str
    style: CaptionStyle
    position: CaptionPosition
    shape: Shape
    niche: Niche


def caption_frame(request: FrameRequest, still: Path) -> bytes:
    """Return the frame as WebP at the size of `SIZES`, the second word spoken where a style marks one.

    `still` is a picture of the product's own, cut to the shape around its middle.
    """
    width, height = (_DRAWN_LARGER * side for side in SIZES[request.shape])
    planes = planes_of(_cut(still, width, height))
    patch = _caption(request, width, height)
    if patch is not None:
        _lay(planes, patch)
    return _webp(np.asarray(cv2.resize(_picture(planes), SIZES[request.shape], interpolation=cv2.INTER_AREA), np.uint8))


def _caption(request: FrameRequest, width: int, height: int) -> Patch | None:
    blocks = _blocks(request.tokens, request)
    if not blocks:
        return None
    track = CaptionTrack(request.style, request.position, request.language, blocks)
    words = blocks[0].words
    spoken = words[min(_SHOWN_WORD, len(words) - 1)]
    return CaptionPainter(track, THEMES[request.niche], width, height).patch_at(spoken.start_frame)


def _blocks(tokens: Sequence[Token], request: FrameRequest) -> tuple[CaptionBlock, ...]:
    words = [
        TimedWord(token.display, token.after, number * _WORD_SECONDS, (number + 1) * _WORD_SECONDS)
        for number, token in enumerate(tokens)
    ]
    end_frame = round(len(words) * _WORD_SECONDS * FPS)
    return caption_blocks(words, 0, end_frame, ROOMS[request.style][request.shape])


def _cut(still: Path, width: int, height: int) -> NDArray[np.uint8]:
    picture = cv2.imread(str(still), cv2.IMREAD_COLOR)
    assert picture is not None, still
    rows, columns = picture.shape[:2]
    scale = max(width / columns, height / rows)
    kept_columns, kept_rows = round(width / scale), round(height / scale)
    left, top = (columns - kept_columns) // 2, (rows - kept_rows) // 2
    part = picture[top : top + kept_rows, left : left + kept_columns]
    shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (width, height), interpolation=shrinks), np.uint8)


def _lay(planes: tuple[Plane, Plane, Plane], patch: Patch) -> None:
    """As the kernels' `lay_over`, which take seconds to load."""
    luma, chroma = patch.alphas
    for plane, colour, alpha, half in zip(planes, patch.colours, (luma, chroma, chroma), (1, 2, 2), strict=True):
        rows, columns = alpha.shape
        top, left = patch.row // half, patch.column // half
        under = plane[top : top + rows, left : left + columns]
        under[:] = np.minimum(colour + (under.astype(np.uint16) * (255 - alpha.astype(np.uint16)) + 127) // 255, 255)


def _picture(planes: tuple[Plane, Plane, Plane]) -> NDArray[np.uint8]:
    y, u, v = planes
    size = (y.shape[1], y.shape[0])
    whole = np.dstack([y, *(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (u, v))])
    rgb = (whole.astype(np.float32) - RGB_TO_YUV[:, 3]) @ _RGB_FROM_YUV.T.astype(np.float32)
    return np.ascontiguousarray(np.rint(rgb).clip(0, 255).astype(np.uint8)[:, :, ::-1])


def _webp(bgr: NDArray[np.uint8]) -> bytes:
    done, encoded = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    if not done:
        raise RuntimeError("OpenCV could not encode a WebP")
    return encoded.tobytes()
