"""What is being done for a video right now, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.pipeline.shown_rows import ShownRow, done_steps, parts_of

# In the order of what people want to see: pictures and voice are made side by side.
_SCENE_BY_SCENE = (
    ("images", "Drawing the pictures", "Drawing picture {} of {}"),
    ("voice", "Recording the voice", "Recording scene {} of {}"),
    ("alignment", "Timing the captions", "Timing the captions, scene {} of {}"),
)


@dataclass(frozen=True)
class Doing:
    """`words` is the whole line; `step` leaves the numbers out, so it changes only when the step does."""

    step: str
    words: str


def doing(rows: Sequence[ShownRow], *, is_queued: bool) -> Doing:
    """Return what is being done, from the rows in the pipeline's order."""
    if is_queued:
        return Doing("In line", "Waiting for its turn")
    done = done_steps(rows)
    if "script" not in done:
        return Doing("Writing the script", "Writing the script")
    scene_by_scene = [found for found in (_counted(rows, done, *step) for step in _SCENE_BY_SCENE) if found]
    return scene_by_scene[0] if scene_by_scene else _filming(rows, done)


def _counted(rows: Sequence[ShownRow], done: set[str], step: str, words: str, counted: str) -> Doing | None:
    parts = parts_of(rows, step)
    if step in done or not any(part.is_running or part.is_done for part in parts):
        return None
    number = min(sum(part.is_done for part in parts) + 1, len(parts))
    return Doing(words, counted.format(number, len(parts)))


def _filming(rows: Sequence[ShownRow], done: set[str]) -> Doing:
    step = "Putting the film together"
    if "render" in done:
        return Doing(step, "Checking the film and packing the files")
    parts = parts_of(rows, "render")
    if any(not part.is_done for part in parts):
        number = min(sum(part.is_done for part in parts) + 1, len(parts))
        return Doing(step, f"{step}, part {number} of {len(parts)}")
    told = next((row.message for row in rows if row.step == "render" and row.is_running), "")
    return Doing(step, f"{step}: {told[:1].lower()}{told[1:]}" if told else step)
