"""What is sent to add a voice of one's own; the action judges it, the form gives it back with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from apps.pipeline.providers.speaker.languages import LANGUAGES
from apps.pipeline.voice_menu import language_name
from apps.pipeline.voice_profiles import MOST_SAMPLES
from canvascast.form_fields import NameField, PickField


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """A list of files, each looked at by the action; what is no file is none."""

    widget = SeveralFilesInput

    def clean(self, value: Any, initial: Any = None) -> Any:  # Any: Django's signature
        return [each for each in value or () if isinstance(each, UploadedFile)]


class VoiceForm(forms.Form):
    """Fields are named as `create_profile` names them."""

    name = NameField(label="Name", required=False, help_text="What you call this voice. Only you see it.")
    language = PickField("Language", [(tag, language_name(tag)) for tag in LANGUAGES], "en")
    samples = SeveralFilesField(
        label="Recordings",
        required=False,
        help_text=(
            f"One to {MOST_SAMPLES} files of up to three minutes and 50 MB each: one speaker and no music. "
            "A minute or two in all is best."
        ),
    )
    consent = forms.BooleanField(label="This is my voice, or its owner agreed that I use it here.", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's signature
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["samples"].widget.attrs["accept"] = "audio/*"

    def add_reasons(self, wrong: Mapping[str, object]) -> None:
        """Show why the voice was not taken, each reason at its field; a recording is named by its number."""
        samples = self["samples"]
        samples.help_text = f"{samples.help_text} Please choose them again: browsers do not keep files."
        for place, sentence in wrong.items():
            field, _, index = place.partition(".")
            number = f"Recording {int(index) + 1}: " if index.isdigit() else ""
            self.add_error(field if field in self.fields else None, f"{number}{sentence}")
