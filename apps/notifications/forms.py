"""What a user wants to be mailed, as one form: a switch for each event that is mailed."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.notifications.queries import Preferences

# What each switch of Preferences says; only those whose mails exist are shown.
_SWITCHES = {
    "video_ready": ("A video is ready", "With a still from it, its length and what it cost."),
    "video_failed": (
        "A video could not be made",
        "What happened, what was kept, and that its credits are back in your balance.",
    ),
}


class PreferencesForm(forms.Form):
    """One checkbox a switch, standing as `kept` has it."""

    def __init__(self, *args: Any, kept: Preferences, **kwargs: Any) -> None:  # Any: as Django's forms
        super().__init__(*args, **kwargs)
        for switch, (label, help_text) in _SWITCHES.items():
            self.fields[switch] = forms.BooleanField(
                label=label, help_text=help_text, required=False, initial=getattr(kept, switch)
            )

    def changes(self) -> dict[str, bool]:
        """Return how the switches are to stand."""
        return {switch: self.cleaned_data[switch] for switch in _SWITCHES}
