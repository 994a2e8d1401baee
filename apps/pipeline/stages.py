"""The five steps that a customer sees, and how far each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.pipeline.shown_rows import ShownRow, done_steps, parts_of
from apps.pipeline.states import StepState

# What the customer sees as one step: the pipeline's steps in it, and the one whose scenes are counted.
_STAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Script", ("script",), ""),
    ("Voice", ("voice",), "voice"),
    ("Pictures", ("visual_plan", "images"), "images"),
    ("Captions", ("alignment",), "alignment"),
    ("Film", ("timeline", "render", "package"), ""),
)
_WORDS = {"waiting": "waiting", "now": "now", "done": "done", "failed": "stopped", "stopped": "not finished"}


@dataclass(frozen=True)
class Stage:
    """One step. `state` is waiting, now, done, failed or stopped; `count` is "4 of 9" while scenes can be counted."""

    name: str
    state: str
    count: str

    @property
    def state_words(self) -> str:
        return f"{_WORDS[self.state]}, {self.count}" if self.count else _WORDS[self.state]


def stages_of(rows: Sequence[ShownRow]) -> tuple[Stage, ...]:
    """Return the five steps in order."""
    return tuple(_stage(name, [row for row in rows if row.step in steps], counted) for name, steps, counted in _STAGES)


def _stage(name: str, rows: Sequence[ShownRow], counted: str) -> Stage:
    state = _state(rows)
    parts = parts_of(rows, counted) if state not in ("waiting", "done") else []
    return Stage(name, state, f"{sum(part.is_done for part in parts)} of {len(parts)}" if parts else "")


def _state(rows: Sequence[ShownRow]) -> str:
    """What becomes of a part becomes of its step, although the row that joins the parts still waits."""
    states = {row.state for row in rows}
    if StepState.FAILED in states:
        return "failed"
    if StepState.CANCELED in states:
        return "stopped"
    if rows and len(done_steps(rows)) == len({row.step for row in rows}):
        return "done"
    return "now" if states & {StepState.RUNNING, StepState.DONE} else "waiting"
