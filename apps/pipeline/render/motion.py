"""Where the camera stands: the part of a still that a frame shows, as exact shares of the still.

The move is straight and even. Easing it would make the speed change from frame to frame for no gain at these small
distances, and the ends of a move lie under the cross-fades anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.pipeline.contracts import Motion, View


@dataclass(frozen=True)
class Box:
    """A part of a still, in shares of its width and height."""

    left: float
    top: float
    width: float
    height: float


def box_at(motion: Motion, frame: int, frames: int, aspect: float) -> Box:
    """Return what frame `frame` of the `frames` in which the still is visible shows.

    `aspect` is the output's width / height divided by the still's. Both ends are moved inside the still first; every
    point between two boxes inside is then inside as well, so the path has no kink.
    """
    share = min(max(frame / max(frames - 1, 1), 0.0), 1.0)
    start, end = _inside(motion.start, aspect), _inside(motion.end, aspect)
    view = View(
        start.zoom + (end.zoom - start.zoom) * share,
        start.x + (end.x - start.x) * share,
        start.y + (end.y - start.y) * share,
    )
    width, height = _extent(view.zoom, aspect)
    return Box(view.x - width / 2, view.y - height / 2, width, height)


def widest(motion: Motion, aspect: float) -> Box:
    """Return the larger of the two ends: no frame shows more of the still."""
    first, last = box_at(motion, 0, 2, aspect), box_at(motion, 1, 2, aspect)
    return first if first.width >= last.width else last


def _inside(view: View, aspect: float) -> View:
    zoom = max(view.zoom, 1.0)
    width, height = _extent(zoom, aspect)
    return View(zoom, _between(view.x, width / 2), _between(view.y, height / 2))


def _extent(zoom: float, aspect: float) -> tuple[float, float]:
    return min(aspect, 1.0) / zoom, min(1.0 / aspect, 1.0) / zoom


def _between(centre: float, margin: float) -> float:
    return min(max(centre, margin), 1.0 - margin)
