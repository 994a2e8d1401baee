"""The box on the home page."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.drafts import limits
from apps.drafts.actions import DraftText
from apps.drafts.options import DraftOptions
from apps.drafts.queries import Draft
from canvascast.errors import Invalid
from canvascast.form_fields import AmountField, ChipsField, PlainTextField

WAYS = (("describe", "Describe it"), ("script", "Paste a script"))
NICHES = (
    ("explainer", "Explainer"),
    ("facts", "Facts"),
    ("history", "History"),
    ("science", "Science"),
    ("finance", "Finance"),
    ("motivation", "Motivation"),
)
SHAPES = (("16:9", "16:9 wide"), ("9:16", "9:16 tall"), ("1:1", "1:1 square"))
_FIELD_OF = {"promptText": "prompt", "transcriptText": "transcript"}


class HomeForm(forms.Form):
    """One text and the three choices that matter most; the rest can be chosen after signing up."""

    use_required_attribute = False

    way = ChipsField("How do you want to start?", WAYS, "describe")
    prompt = PlainTextField(
        label="What should the video explain?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="A question, a topic or notes: 10 to 5,000 characters.",
    )
    transcript = PlainTextField(
        label="Your script, narrated word for word",
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="10 to 50,000 characters. A minute of video is about 150 words.",
    )
    niche = ChipsField("Kind of video", NICHES, "explainer")
    minutes = AmountField(
        "Length in minutes", limits.MINUTES, 1.0, "Half a minute to 30 minutes. A script is as long as it takes to say."
    )
    shape = ChipsField("Shape", SHAPES, "16:9")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's signature
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any]:  # Any: cleaned values of all fields
        prompt, transcript = self._texts()
        try:
            limits.checked_texts(prompt, transcript)
        except Invalid as error:
            for name, sentence in error.details.items():
                self.add_error(_FIELD_OF[name], str(sentence))
        return self.cleaned_data

    def draft_text(self) -> DraftText:
        """Return what was typed in the field that was chosen, with the choices."""
        chosen = self.cleaned_data
        prompt, transcript = self._texts()
        options = DraftOptions(niche_preset=chosen["niche"], target_minutes=chosen["minutes"], shape=chosen["shape"])
        return DraftText(prompt, transcript, options)

    def _texts(self) -> tuple[str, str]:
        """Only one of the two counts: the chosen one, or the other when that was left empty."""
        prompt, transcript = self.cleaned_data.get("prompt", ""), self.cleaned_data.get("transcript", "")
        if transcript and (self.cleaned_data.get("way") == "script" or not prompt):
            return "", transcript
        return prompt, ""


def initial_of(draft: Draft) -> dict[str, Any]:  # Any: initial values of all fields
    """Return a draft as the form's initial values."""
    values = {
        "way": "script" if draft.transcript else "describe",
        "prompt": draft.prompt,
        "transcript": draft.transcript,
        "niche": draft.options.get("nichePreset"),
        "minutes": draft.options.get("targetMinutes"),
        "shape": draft.options.get("shape"),
    }
    return {name: value for name, value in values.items() if value is not None}
