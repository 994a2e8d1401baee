"""What a user wants to be mailed, as one form: a switch for each event that is mailed."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.notifications.queries import Preferences
from apps.notifications.switches import SWITCHES


class PreferencesForm(forms.Form):
    """One checkbox a switch, standing as `kept` has it."""

    def __init__(self, *args: Any, kept: Preferences, **kwargs: Any) -> None:  # Any: as Django's forms
        super().__init__(*args, **kwargs)
        for name, switch in SWITCHES.items():
            self.fields[name] = forms.BooleanField(
                label=switch.label, help_text=switch.help_text, required=False, initial=getattr(kept, name)
            )

    def changes(self) -> dict[str, bool]:
        """Return how the switches are to stand."""
        return {name: self.cleaned_data[name] for name in SWITCHES}
