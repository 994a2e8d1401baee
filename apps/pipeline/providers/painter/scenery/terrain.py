"""Land seen in perspective: a height field is walked from near to far along every column of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from apps.pipeline.providers.painter.scenery.noise import Field


@dataclass(frozen=True)
class Land:
    """A square of land: `height` 0 to 1 of `relief`, and its `colour` (channels last), both (side, side).

    A fourth channel says where there is ground at all (1) and where one looks through (0). The square is one world
    unit wide and mirrored beyond its edges. `detail` (about -1 to 1, square) is repeated finely over the near ground.
    """

    height: Field
    colour: Field
    relief: float
    detail: Field | None = None


@dataclass(frozen=True)
class Camera:
    """`eye` is the height above zero in world units, `focal` in picture widths, `horizon` a row of the picture."""

    eye: float
    focal: float
    horizon: float
    near: float = 0.02
    far: float = 1.0
    origin: tuple[float, float] = (0.5, 0.0)
    slices: int = 360


@dataclass(frozen=True)
class View:
    """What the camera sees from the row `top` down: `rgb` (3, h, w), `cover` 1 on land, `depth` 0 near to 1 far."""

    top: int

    rgb: Field
    cover: Field
    depth: Field


def view(land: Land, camera: Camera, width: int, height: int) -> View:
    """Return the land as seen by the camera."""
    depths = np.geomspace(camera.near, camera.far, camera.slices).astype(np.float32)
    map_x, map_y = _ground_points(land, camera, depths, width)
    border = cv2.BORDER_REFLECT_101
    tops = cv2.remap(land.height, map_x, map_y, cv2.INTER_LINEAR, borderMode=border)
    rows = camera.horizon + (camera.eye - tops * land.relief) * (camera.focal * width) / depths[:, None]
    top = int(np.clip(np.floor(rows.min()), 0, height - 2))
    height -= top
    hit, cover = _first_hits(rows - np.float32(top), height)
    colours = cv2.remap(land.colour, map_x, map_y, cv2.INTER_LINEAR, borderMode=border)
    if land.detail is not None:
        colours[..., :3] *= 1 + _near_detail(land.detail, map_x, map_y, depths / camera.far)[..., None]
    columns = np.broadcast_to(np.arange(width, dtype=np.float32), hit.shape)
    shot = cv2.remap(colours, np.ascontiguousarray(columns), hit, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shot = cv2.resize(shot, (width, height), interpolation=cv2.INTER_AREA)
    depth = cv2.resize(hit, (width, height), interpolation=cv2.INTER_AREA) / np.float32(camera.slices - 1)
    planes = np.ascontiguousarray(shot.transpose(2, 0, 1))
    cover = cover * planes[3] if len(planes) == 4 else cover
    return View(top, planes[:3], cover, np.clip(depth, 0, 1))


def lit(height: Field, relief: float, light: tuple[float, float, float]) -> Field:
    """Return how much of the light (towards it: x right, y away, z up) each point of the land receives, 0 to 1."""
    side = height.shape[0]
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=relief * side / 8)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=relief * side / 8)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    direction = np.array(light) / np.linalg.norm(light)
    facing = (-slope_x * direction[0] - slope_y * direction[1] + direction[2]) / length
    return np.asarray(np.clip(facing, 0, 1), np.float32)


def flatness(height: Field, relief: float) -> Field:
    """Return 1 on level ground, towards 0 on cliffs."""
    return lit(height, relief, (0, 0, 1))


def shadows(height: Field, relief: float, slope: float, from_left: bool) -> Field:
    """Return 1 where light coming along the x axis at `slope` (rise per run) is blocked, softly."""
    side = height.shape[0]
    fall = (np.arange(side, dtype=np.float32) * np.float32(slope / side))[None]
    raised = height * np.float32(relief)
    if not from_left:
        raised = raised[:, ::-1]
    level = np.maximum.accumulate(raised + fall, axis=1) - fall
    blocked = np.clip((level - raised) * np.float32(140), 0, 1)
    blocked = blocked if from_left else blocked[:, ::-1]
    return cv2.GaussianBlur(np.ascontiguousarray(blocked), (0, 0), 1.2)


def _ground_points(land: Land, camera: Camera, depths: Field, width: int) -> tuple[Field, Field]:
    side = land.height.shape[0]
    spread = (np.arange(width, dtype=np.float32) - width / 2) / np.float32(camera.focal * width)
    map_x = (np.float32(camera.origin[0]) + depths[:, None] * spread[None]) * side
    map_y = np.broadcast_to(((camera.origin[1] + depths) * side)[:, None], map_x.shape)
    return map_x.astype(np.float32), np.ascontiguousarray(map_y, np.float32)


def _near_detail(detail: Field, map_x: Field, map_y: Field, far_share: Field) -> Field:
    fine = cv2.remap(detail, map_x * 6.3, map_y * 17.1, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(fine * np.clip(1 - far_share[:, None] * 3.5, 0, 1))


def _first_hits(rows: Field, height: int) -> tuple[Field, Field]:
    """Return per half-row pixel the (fractional) slice it shows, shape (2 * height, width), and the land's coverage."""
    slices, width = rows.shape
    skyline = np.minimum.accumulate(rows, axis=0)
    bins = np.clip(np.ceil(skyline * 2), 0, 2 * height).astype(np.int32)
    flat = bins * width + np.arange(width, dtype=np.int32)
    counts = np.bincount(flat.ravel(), minlength=(2 * height + 1) * width).astype(np.int16)
    beyond = np.cumsum(counts.reshape(-1, width)[::-1], axis=0, dtype=np.int16)[::-1]
    index = beyond[1:]
    later = np.clip(index, 1, slices - 1).astype(np.int32)
    hit = _between(rows, later, width)
    line = np.arange(height, dtype=np.float32)[:, None] + 1
    return hit, np.clip(line - skyline[-1][None], 0, 1)


def _between(rows: Field, later: NDArray[np.int32], width: int) -> Field:
    columns = np.arange(width, dtype=np.int32)
    flat = rows.ravel()
    place = later * width + columns
    below, above = flat[place - width], flat[place]
    y = (np.arange(later.shape[0], dtype=np.float32) / 2 + np.float32(0.25))[:, None]
    share = np.clip((below - y) / np.maximum(below - above, np.float32(1e-4)), 0, 1)
    return np.asarray(later - 1 + share, np.float32)
