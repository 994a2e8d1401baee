"""The contact sheet of a video in the making: one numbered frame a scene, which its picture fills when it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import caches

from apps.pipeline.failures import scene_number
from apps.pipeline.models import Artifact
from apps.pipeline.shown_rows import ShownRow, main_row, parts_of
from apps.pipeline.states import StepState

# Before the script is written nobody knows how many there will be; more empty frames than this say nothing.
_MOST_EMPTY_FRAMES = 12
_KEPT_SECONDS = 60
_WORDS = {
    "waiting": "waiting",
    "drawing": "drawing",
    "done": "done",
    "again": "trying again",
    "failed": "not drawn",
    "stopped": "stopped",
}


@dataclass(frozen=True)
class Frame:
    """One scene. `state` is waiting, drawing, done, again, failed or stopped; `picture` its content hash once drawn."""

    number: int
    state: str
    picture: str = ""
    alt: str = ""

    @property
    def label(self) -> str:
        return f"{self.number:02}"

    @property
    def state_words(self) -> str:
        return _WORDS[self.state]


@dataclass(frozen=True)
class Sheet:
    """The frames in order. `is_guess` while the script is not written: their number is an estimate then."""

    frames: tuple[Frame, ...]
    is_guess: bool = False

    @property
    def version(self) -> str:
        """A hash of all that is shown: equal versions look equal."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    @property
    def done(self) -> int:
        return sum(frame.state == "done" for frame in self.frames)

    @property
    def total(self) -> int:
        return len(self.frames)


def sheet_of(rows: Sequence[ShownRow], *, scenes: int) -> Sheet:
    """Return the sheet; `scenes` is how many frames are shown empty while there is no script."""
    parts = parts_of(rows, "images")
    shown = parts or parts_of(rows, "voice")
    if not shown:
        empty = min(max(scenes, 1), _MOST_EMPTY_FRAMES)
        state = "stopped" if any(row.state == StepState.CANCELED for row in rows) else "waiting"
        return Sheet(tuple(Frame(number, state) for number in range(1, empty + 1)), is_guess=True)
    broken = {row.part for row in rows if row.is_failed}
    alts = _descriptions(main_row(rows, "visual_plan"))
    return Sheet(tuple(_frame(row, is_drawn=bool(parts), broken=broken, alts=alts) for row in shown))


def _frame(row: ShownRow, *, is_drawn: bool, broken: set[str], alts: Mapping[str, str]) -> Frame:
    state = "failed" if row.part in broken else _state(row, is_drawn=is_drawn)
    return Frame(scene_number(row.part), state, row.picture or "", alts.get(row.part, ""))


def _state(row: ShownRow, *, is_drawn: bool) -> str:
    """A voice's rows stand for the pictures until those are planned; then they only tell that there is a scene."""
    if row.state == StepState.CANCELED:
        return "stopped"
    if not is_drawn:
        return "waiting"
    if row.is_done:
        return "done"
    if row.is_tried_again:
        return "again"
    return "drawing" if row.is_running else "waiting"


def _descriptions(plan: ShownRow | None) -> Mapping[str, str]:
    """Return what each picture shows, by scene. The plan never changes, so it is read once a minute a process."""
    if plan is None or plan.artifact_id is None:
        return {}
    plan_id = plan.artifact_id
    found = caches["process"].get_or_set(f"descriptions:{plan_id}", lambda: _read(plan_id), _KEPT_SECONDS)
    return found or {}


def _read(plan_id: UUID) -> dict[str, str]:
    shots = Artifact.objects.filter(pk=plan_id).values_list("payload__shots", flat=True).first()
    return {shot["scene_id"]: shot["alt"] for shot in shots or ()}
