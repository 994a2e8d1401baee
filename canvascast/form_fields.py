"""Form fields that several pages use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from canvascast.plain_text import one_line, without_controls

Choices = Iterable[tuple[str, str]]


class PlainTextField(forms.CharField):
    """Drops what cannot be stored before anything is checked, where Django would refuse the whole text."""

    def to_python(self, value: Any) -> str:  # Any: Django's signature
        return super().to_python(without_controls(value) if isinstance(value, str) else value) or ""


class NameField(forms.CharField):
    """A name that the user gives to something, shown within sentences of ours."""

    def to_python(self, value: Any) -> str:  # Any: Django's signature
        return super().to_python(one_line(value) if isinstance(value, str) else value) or ""


class PickField(forms.ChoiceField):
    """One of many, shown as a drop-down list. Nothing sent means the initial choice."""

    def __init__(self, label: str, choices: Choices, initial: str) -> None:
        messages = {"invalid_choice": "Please choose one of these."}
        super().__init__(label=label, choices=list(choices), initial=initial, required=False, error_messages=messages)

    def clean(self, value: Any) -> str:  # Any: Django's signature
        return str(super().clean(value) or self.initial)


class ChipsField(PickField):
    """One of a few, shown as buttons in a row."""

    widget = forms.RadioSelect


class AmountField(forms.FloatField):
    """A number within limits. Nothing sent means the initial one."""

    def __init__(self, label: str, limits: tuple[float, float], initial: float, help_text: str = "") -> None:
        within = f"Please give a number from {limits[0]:g} to {limits[1]:g}."
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), within)
        super().__init__(
            label=label,
            min_value=limits[0],
            max_value=limits[1],
            initial=initial,
            required=False,
            help_text=help_text,
            error_messages=messages,
        )
        self.widget.attrs["step"] = "any"
        self.widget.attrs["inputmode"] = "decimal"

    def prepare_value(self, value: Any) -> Any:  # Any: Django's signature
        return f"{value:g}" if isinstance(value, float) else value

    def clean(self, value: Any) -> float:  # Any: Django's signature
        amount = super().clean(value)
        return float(self.initial) if amount is None else float(amount)
