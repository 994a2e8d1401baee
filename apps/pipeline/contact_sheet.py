"""The contact sheet of a video in the making: one numbered frame a scene, which its picture fills when it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import caches

from apps.pipeline.failures import scene_number
from apps.pipeline.models import Artifact
from apps.pipeline.shown_rows import ShownRow, main_row, parts_of
from apps.pipeline.states import StepState
from apps.pipeline.text.alts import renamed

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
    alts = _descriptions(main_row(rows, "visual_plan"), main_row(rows, "script"))
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


def _descriptions(plan: ShownRow | None, script: ShownRow | None) -> Mapping[str, str]:
    """Return what each picture shows, by scene. Results never change, so they are read once a minute a process."""
    if plan is None or script is None or plan.artifact_id is None:
        return {}
    made = (plan.artifact_id, script.artifact_id)
    key = f"descriptions:{plan.artifact_id}:{script.artifact_id}"
    return caches["process"].get_or_set(key, lambda: _read(made), _KEPT_SECONDS) or {}


def _read(made: Collection[UUID | None]) -> dict[str, str]:
    found = Artifact.objects.filter(pk__in=[result for result in made if result is not None])
    payloads = dict(found.values_list("step", "payload"))
    written = {scene["scene_id"]: scene for scene in payloads.get("script", {}).get("scenes", ())}
    shots = payloads.get("visual_plan", {}).get("shots", ())
    return {shot["scene_id"]: _alt(shot["alt"], written.get(shot["scene_id"], {})) for shot in shots}


def _alt(alt: str, scene: Mapping[str, str]) -> str:
    return renamed(alt, title=scene.get("title", ""), heading=scene.get("heading", ""))
