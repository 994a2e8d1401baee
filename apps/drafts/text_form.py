"""What every form that begins a video asks: one text, described or pasted, and the three choices that matter most."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.drafts.presets import PRESETS
from apps.drafts.queries import Draft
from canvascast.form_fields import AmountField, ChipsField, PlainTextField
from canvascast.video_choices import MINUTES, PROMPT_CHARACTERS, TRANSCRIPT_CHARACTERS

WAYS = (("describe", "Describe it"), ("script", "Paste a script"))
NICHES = tuple((preset.slug, preset.label) for preset in PRESETS)
SHAPES = (("16:9", "16:9 wide"), ("9:16", "9:16 tall"), ("1:1", "1:1 square"))


def _span(limits: tuple[float, float]) -> str:
    return f"{limits[0]:,g} to {limits[1]:,g}"


class TextForm(forms.Form):
    """Both texts are sent, one counts: the chosen one, or the other when that was left empty."""

    use_required_attribute = False

    way = ChipsField("How do you want to start?", WAYS, "describe")
    prompt = PlainTextField(
        label="What should the video explain?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=f"A question, a topic or notes: {_span(PROMPT_CHARACTERS)} characters.",
    )
    transcript = PlainTextField(
        label="Your script, narrated word for word",
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=f"{_span(TRANSCRIPT_CHARACTERS)} characters. A minute of video is about 150 words.",
    )
    niche = ChipsField("Kind of video", NICHES, "explainer")
    minutes = AmountField(
        "Length in minutes", MINUTES, 1.0, f"{_span(MINUTES)} minutes. A script is as long as it takes to say."
    )
    shape = ChipsField("Shape", SHAPES, "16:9")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's signature
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def texts(self) -> tuple[str, str | None]:
        """Return prompt and transcript of a checked form; the transcript is None when a description counts."""
        prompt, transcript = self.cleaned_data.get("prompt", ""), self.cleaned_data.get("transcript", "")
        return ("", transcript) if self._is_script(prompt, transcript) else (prompt, None)

    def _is_script(self, prompt: str, transcript: str) -> bool:
        if bool(prompt) != bool(transcript):
            return bool(transcript)
        return bool(self.cleaned_data.get("way") == "script")


def initial_text(draft: Draft) -> dict[str, Any]:  # Any: initial values of all fields
    """Return a draft as initial values of these fields; what the draft left open is not named."""
    values = {
        "way": "script" if draft.transcript else "describe",
        "prompt": draft.prompt,
        "transcript": draft.transcript,
        "niche": draft.options.get("nichePreset"),
        "minutes": draft.options.get("targetMinutes"),
        "shape": draft.options.get("shape"),
    }
    return {name: value for name, value in values.items() if value is not None}
