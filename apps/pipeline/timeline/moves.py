"""Which way the picture moves in a scene: a slow, even move that keeps its subject in view.

A scene's move depends on its own length, still, number and seed only, so that a change in one scene leaves every other
scene's frames as they are. Zooms take the even scenes and pans the odd ones: neighbours never move alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.pipeline.codec import digest
from apps.pipeline.contracts import FPS, Focus, Motion, View

MAX_ZOOM = 1.20
ZOOM_PER_SECOND = 0.020
MIN_ZOOM_CHANGE = 0.02
PAN_PER_SECOND = 0.014
MIN_PAN = 0.02
MAX_PAN = 0.15
MIN_PAN_ZOOM = 1.06
_LEAST_STRENGTH = 0.8


@dataclass(frozen=True)
class Subject:
    """One scene as far as its move is concerned. `number` counts from 0; sizes in pixels."""

    scene_id: str
    number: int
    frames: int
    focus: Focus
    still: tuple[int, int]
    output: tuple[int, int]


@dataclass(frozen=True)
class _Frame:
    """What a view can show: the shares of the still that zoom 1 covers, and the focus."""

    share_x: float
    share_y: float
    focus: Focus

    def view(self, zoom: float, x: float, y: float) -> View:
        """The view nearest to the asked centre that lies inside the still."""
        return View(round(zoom, 6), _inside(x, self.share_x / zoom / 2), _inside(y, self.share_y / zoom / 2))


def choose_motion(subject: Subject, seed: int) -> Motion:
    """Return the scene's move. Both views lie inside the still, hence so does every view between them."""
    chance = int(digest(seed, subject.scene_id)[:12], 16)
    kinds = _ZOOMS if subject.number % 2 == 0 else _PANS
    kind = list(kinds)[chance % len(kinds)]
    strength = _LEAST_STRENGTH + (1 - _LEAST_STRENGTH) * (chance // 64 % 101) / 100
    start, end = kinds[kind](_frame(subject), subject.frames / FPS * strength)
    return Motion(kind, start, end)


def _frame(subject: Subject) -> _Frame:
    still, output = subject.still[0] / subject.still[1], subject.output[0] / subject.output[1]
    return _Frame(min(1.0, output / still), min(1.0, still / output), subject.focus)


def _inside(centre: float, half: float) -> float:
    return round(min(max(centre, half), 1 - half), 6)


def _zoom_end(pace: float, low: float = 1.0) -> float:
    return min(MAX_ZOOM, low + max(MIN_ZOOM_CHANGE, ZOOM_PER_SECOND * pace))


def _zoom_in(frame: _Frame, pace: float) -> tuple[View, View]:
    return frame.view(1.0, 0.5, 0.5), frame.view(_zoom_end(pace), 0.5, 0.5)


def _zoom_out(frame: _Frame, pace: float) -> tuple[View, View]:
    start, end = _zoom_to_focus(frame, pace)
    return end, start


def _zoom_to_focus(frame: _Frame, pace: float) -> tuple[View, View]:
    return frame.view(1.0, 0.5, 0.5), frame.view(_zoom_end(pace), frame.focus.x, frame.focus.y)


def _zoom_out_drift(frame: _Frame, pace: float) -> tuple[View, View]:
    aside = -1 if frame.focus.x < 0.5 else 1
    start = frame.view(_zoom_end(pace, 1.03), frame.focus.x + aside * 0.03, frame.focus.y)
    return start, frame.view(1.03, 0.5, 0.5)


def _pan(frame: _Frame, pace: float, along_x: float, along_y: float) -> tuple[View, View]:
    """Cross the still past the focus, zoomed in just far enough to have the room."""
    travel = min(MAX_PAN, max(MIN_PAN, PAN_PER_SECOND * pace))
    travel_x, travel_y = travel * along_x, travel * along_y
    needed = max(frame.share_x / (1 - abs(travel_x)), frame.share_y / (1 - abs(travel_y)))
    zoom = min(MAX_ZOOM, max(MIN_PAN_ZOOM, needed))
    x0, x1 = _crossing(frame.focus.x, travel_x, frame.share_x / zoom / 2)
    y0, y1 = _crossing(frame.focus.y, travel_y, frame.share_y / zoom / 2)
    return frame.view(zoom, x0, y0), frame.view(zoom, x1, y1)


def _crossing(focus: float, travel: float, half: float) -> tuple[float, float]:
    reach = min(abs(travel) / 2, 0.5 - half)
    middle = min(max(focus, half + reach), 1 - half - reach)
    step = reach if travel > 0 else -reach
    return middle - step, middle + step


_Move = Callable[[_Frame, float], tuple[View, View]]

_ZOOMS: dict[str, _Move] = {
    "zoom_in": _zoom_in,
    "zoom_out": _zoom_out,
    "zoom_to_focus": _zoom_to_focus,
    "zoom_out_drift": _zoom_out_drift,
}
_PANS: dict[str, _Move] = {
    "pan_left": lambda frame, pace: _pan(frame, pace, -1, 0),
    "pan_right": lambda frame, pace: _pan(frame, pace, 1, 0),
    "pan_up": lambda frame, pace: _pan(frame, pace, 0, -1),
    "pan_down": lambda frame, pace: _pan(frame, pace, 0, 1),
    "diagonal_fall": lambda frame, pace: _pan(frame, pace, 0.8, 0.6),
    "diagonal_rise": lambda frame, pace: _pan(frame, pace, 0.8, -0.6),
}
