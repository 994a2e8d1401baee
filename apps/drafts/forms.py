"""The box on the home page."""

from __future__ import annotations

from typing import Any

from django.forms.boundfield import BoundWidget

from apps.drafts import limits
from apps.drafts.actions import DraftText
from apps.drafts.options import DraftOptions
from apps.drafts.presets import PRESETS, Preset
from apps.drafts.text_form import TextForm
from canvascast.errors import Invalid
from canvascast.video_choices import TRANSCRIPT_CHARACTERS

_FIELD_OF = {"promptText": "prompt", "transcriptText": "transcript"}


class HomeForm(TextForm):
    """The text with what matters most; the rest can be chosen after signing up."""

    def clean(self) -> dict[str, Any]:  # Any: cleaned values of all fields
        prompt, transcript = self.texts()
        if transcript == "":
            self.add_error(
                "transcript", f"Please paste your script, at least {TRANSCRIPT_CHARACTERS[0]} characters of it."
            )
            return self.cleaned_data
        try:
            limits.checked_texts(prompt, transcript or "")
        except Invalid as error:
            for name, sentence in error.details.items():
                self.add_error(_FIELD_OF[name], str(sentence))
        return self.cleaned_data

    def kinds(self) -> list[tuple[BoundWidget, Preset]]:
        """Return the radio button of each kind of video with what there is to say about it."""
        return list(zip(self["niche"].subwidgets, PRESETS, strict=True))

    def draft_text(self) -> DraftText:
        """Return what was typed in the field that counts, with the choices."""
        chosen = self.cleaned_data
        prompt, transcript = self.texts()
        options = DraftOptions(niche_preset=chosen["niche"], target_minutes=chosen["minutes"], shape=chosen["shape"])
        return DraftText(prompt, transcript or "", options)
