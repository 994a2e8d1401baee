"""What stands around the form in which scenes are changed: the scenes with their pictures, and the slip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.forms.boundfield import BoundField

from apps.billing import queries as billing
from apps.pipeline.models import Job
from apps.pipeline.remakes import ChangedScene, Remake
from apps.pipeline.scene_form import ScenesForm
from apps.pipeline.scenes import SCENES_A_PAGE, ShownScene
from apps.pipeline.states import JobState

NOTHING_CHANGED = "Nothing is changed yet. What a change costs stands here before anything is charged."


@dataclass(frozen=True)
class ChangedLine:
    """A line of the slip: "Scene 3" and "new words"."""

    scene: str
    what: str


@dataclass(frozen=True)
class RemakeSlip:
    """What is changed and what making it sets aside; or in `missing` why there is no price.

    `available` credits are there, `lacking` of the price are not. `verb` says what the button does, `is_whole` that it
    makes all of the video.
    """

    missing: str = ""
    lines: tuple[ChangedLine, ...] = ()
    price: int = 0
    available: int = 0
    verb: str = ""
    is_whole: bool = False

    @property
    def made(self) -> str:
        return "The whole video" if self.is_whole else _scenes(len(self.lines))

    @property
    def lacking(self) -> int:
        return max(0, self.price - self.available)


@dataclass(frozen=True)
class EditableScene:
    """A scene with its fields; without `words` they cannot be changed."""

    shown: ShownScene
    words: BoundField | None
    picture: BoundField
    redraw: BoundField


def page_of_scenes(count: int, page: str | int) -> Page[int]:
    """Return the numbers of the scenes that one page shows; a page that is not there is the nearest one."""
    return Paginator(range(1, count + 1), SCENES_A_PAGE).get_page(page)


def editable(form: ScenesForm, shown: Sequence[ShownScene]) -> tuple[EditableScene, ...]:
    """Return the scenes of the form's page beside their fields."""
    return tuple(_editable(form, shown[number - 1]) for number in form.numbers)


def slip_of(remake: Remake, *, of: Job, user_id: UUID) -> RemakeSlip:
    """Return the slip of changes that can be made. One query."""
    available = billing.balance(user_id).available
    if not remake.changed:
        return RemakeSlip(missing=NOTHING_CHANGED, available=available)
    lines = tuple(ChangedLine(f"Scene {scene.number}", _what(scene)) for scene in remake.changed)
    return RemakeSlip(
        lines=lines,
        price=remake.cost.reserved,
        available=available,
        verb=_verb(remake, of, len(lines)),
        is_whole=remake.is_whole,
    )


def slip_in_words(missing: str, *, user_id: UUID) -> RemakeSlip:
    """Return the slip that says why there is no price. One query."""
    return RemakeSlip(missing=missing, available=billing.balance(user_id).available)


def _editable(form: ScenesForm, shown: ShownScene) -> EditableScene:
    number = shown.number
    words = form[f"words_{number}"] if form.words_are_open else None
    return EditableScene(shown, words, form[f"picture_{number}"], form[f"redraw_{number}"])


def _what(scene: ChangedScene) -> str:
    if scene.has_new_words and scene.has_new_picture:
        return "words, picture"
    return "words" if scene.has_new_words else "picture"


def _verb(remake: Remake, of: Job, count: int) -> str:
    if not remake.is_whole:
        return f"Remake {_scenes(count)}"
    return "Make it again with this" if of.state == JobState.READY else "Go on with this"


def _scenes(count: int) -> str:
    return "1 scene" if count == 1 else f"{count} scenes"
