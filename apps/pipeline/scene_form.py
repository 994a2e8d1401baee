"""The form in which the scenes of a video are changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html

from apps.pipeline.codec import digest
from apps.pipeline.contracts import Brief, Script
from apps.pipeline.remakes import edited
from apps.pipeline.text.editing import (
    LONGEST_PICTURE_CHARACTERS,
    LONGEST_SCENE_CHARACTERS,
    SceneChange,
    SceneRefused,
    is_same_text,
)
from canvascast.form_fields import PlainTextField

# Which kind is drawn anew is of no interest where a change is only looked at.
_SOME_TAKE = 1


class ScenesForm(forms.Form):
    """Three fields a scene: `words_3`, `picture_3`, `redraw_3`. What was not sent is as it was.

    `base` names the job whose scenes were shown, `key` makes a second press of the button the same order, `agreed` is
    the price that stood on it.
    """

    key = PlainTextField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False, max_length=60)
    base = forms.UUIDField(widget=forms.HiddenInput, required=False)
    agreed = PlainTextField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,  # Any: Django's signature
        script: Script,
        numbers: Sequence[int],
        words_are_open: bool,
        **kwargs: Any,  # Any: Django's signature
    ) -> None:
        """`numbers` are the scenes that are shown. Words are not open where a recording of the user's says them."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.numbers = numbers
        self.words_are_open = words_are_open
        self._script = script
        for number in numbers:
            scene = script.scenes[number - 1]
            if words_are_open:
                self.fields[f"words_{number}"] = _text(
                    "Words", number, scene.display_text, rows=3, most=LONGEST_SCENE_CHARACTERS
                )
            self.fields[f"picture_{number}"] = _text(
                "What the picture shows", number, scene.image_prompt, rows=2, most=LONGEST_PICTURE_CHARACTERS
            )
            self.fields[f"redraw_{number}"] = forms.BooleanField(
                label=_label("Draw a new picture", number), required=False
            )

    def is_sound(self, brief: Brief) -> bool:
        """Return whether every change can be made; what cannot is told at its field."""
        if not self.is_valid():
            return False
        for change in self.changes():
            try:
                edited(self._script, brief, [change], take=_SOME_TAKE)
            except SceneRefused as error:
                self.add_refusal(error)
        return not self.errors

    def changes(self) -> list[SceneChange]:
        """Return what is otherwise than it was shown, of a form whose fields were read."""
        found = [self._change(number) for number in self.numbers]
        return [change for change in found if change != SceneChange(change.number)]

    def typed(self) -> list[SceneChange]:
        """Return what was sent otherwise than it was shown, whatever is wrong with it."""
        found = []
        for number in self.numbers:
            scene = self._script.scenes[number - 1]
            words = self._sent(f"words_{number}", scene.display_text)
            picture = self._sent(f"picture_{number}", scene.image_prompt)
            found.append(SceneChange(number, words, picture, f"redraw_{number}" in self.data))
        return [change for change in found if change != SceneChange(change.number)]

    def idempotency_key(self) -> str:
        """The same for the same form with the same changes; empty when the form came without a key."""
        key = self.cleaned_data.get("key", "")
        return f"scenes:{digest(key, str(self.cleaned_data.get('base')), self.changes())}" if key else ""

    def add_refusal(self, error: SceneRefused) -> None:
        """Show a refusal at its field."""
        name = f"{error.part}_{error.number}"
        self.add_error(name if name in self.fields else None, error.sentence)

    def first_error(self) -> str:
        """Return what is wrong first, with its scene: there is no mark yet in a form that somebody still fills in."""
        name, errors = next(iter(self.errors.items()))
        number = name.rpartition("_")[2]
        return f"Scene {number}: {errors[0]}" if number.isdecimal() else str(errors[0])

    def _change(self, number: int) -> SceneChange:
        scene = self._script.scenes[number - 1]
        return SceneChange(
            number=number,
            words=self._new_text(f"words_{number}", scene.display_text),
            picture=self._new_text(f"picture_{number}", scene.image_prompt),
            wants_new_picture=bool(self.cleaned_data.get(f"redraw_{number}")),
        )

    def _sent(self, name: str, shown: str) -> str | None:
        sent = str(self.data.get(name, shown))
        return None if sent.split() == shown.split() else sent

    def _new_text(self, name: str, shown: str) -> str | None:
        """None for what is as it was shown, and for what was not sent at all."""
        if name not in self.data or name not in self.cleaned_data:
            return None
        typed: str = self.cleaned_data[name]
        return None if is_same_text(typed, shown) else typed


def data_of_changes(
    changes: Sequence[SceneChange], *, script: Script, numbers: Sequence[int], base: uuid.UUID
) -> dict[str, str]:
    """Return the scenes of a script with changes as a browser would send them."""
    data = {"base": str(base), "key": str(uuid.uuid4())}
    by_number = {change.number: change for change in changes}
    for number in numbers:
        scene, change = script.scenes[number - 1], by_number.get(number, SceneChange(number))
        data[f"words_{number}"] = scene.display_text if change.words is None else change.words
        data[f"picture_{number}"] = scene.image_prompt if change.picture is None else change.picture
        if change.wants_new_picture:
            data[f"redraw_{number}"] = "on"
    return data


def _text(what: str, number: int, shown: str, *, rows: int, most: int) -> PlainTextField:
    # What is far too long is not even looked at.
    return PlainTextField(
        label=_label(what, number),
        initial=shown,
        required=False,
        max_length=4 * most,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"max_length": f"This is too long. Keep it under {most:,} characters."},
    )


def _label(what: str, number: int) -> str:
    """Seen below the number of its scene; heard, and named where errors are summed up, with it."""
    return format_html('{}<span class="of-scene">, scene {}</span>', what, number)
