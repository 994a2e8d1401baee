"""The create page's form: the text, and everything else that can be chosen for a video."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from apps.drafts.queries import Draft
from apps.drafts.text_form import TextForm, initial_text
from apps.pipeline.briefs import BriefRefused, Order
from apps.pipeline.codec import digest
from apps.pipeline.contracts import Blob, MusicChoice, Recording
from apps.pipeline.offered_voices import RECORDING, OfferedVoice
from apps.pipeline.voice_menu import first_voice, voice_menu
from canvascast.amounts import length_in_words
from canvascast.errors import Refused
from canvascast.form_fields import AmountField, ChipsField, PickField, PlainTextField
from canvascast.video_choices import SPEED

PACES = (("slow", "Slow"), ("normal", "Normal"), ("fast", "Fast"))
CAPTIONS = (
    ("boxed", "Boxed"),
    ("plain", "Plain"),
    ("karaoke", "Karaoke"),
    ("big_word", "Big word"),
    ("lower_third", "Lower third"),
    ("cinema", "Cinema"),
)
POSITIONS = (("bottom", "Bottom"), ("middle", "Middle"), ("top", "Top"))
MUSIC = (("none", "No music"), ("ambient", "Quiet music"))

_REFERENCE_FIELDS = ("reference", "kept", "without")
_OPTION_OF = {
    "title": "title",
    "voice": "voiceId",
    "speed": "speed",
    "pace": "pace",
    "captions": "captionStyle",
    "position": "captionPosition",
    "music": "music",
    "titles": "onScreenTitles",
    "seed": "seed",
}


class NoPriceNamed(Refused):
    """Credits would be spent that nobody was seen to agree to."""


class CreateForm(TextForm):
    """Fields are named as BriefRefused names them. `key` makes a second press of the button the same order.

    `agreed` is the price that stood on the button, empty when none was shown yet; `tiles` names the pictures of caption
    styles that were shown. `kept` is the ticket of a picture that was sent before, `kept_recording` of a recording.
    `draft` is the kept text that the form began with, empty when it began with none.
    """

    title = PlainTextField(label="Title", required=False, help_text="Left empty, the script gives it.")
    voice = PickField("Voice", (), "")
    speed = AmountField("Speed of the voice", SPEED, 1.0, "0.5 is half as fast, 2 is twice as fast.")
    captions = ChipsField("Captions", CAPTIONS, "boxed")
    music = ChipsField("Music", MUSIC, "none")
    pace = ChipsField("Pace of the script", PACES, "normal")
    position = ChipsField("Place of the captions", POSITIONS, "bottom")
    reference = forms.FileField(
        label="Picture of your main character",
        required=False,
        help_text=(
            "Optional: they then look the same in every scene. PNG, JPEG or WebP, at most 20 MB. "
            "It is kept with the video and shown to the service that draws."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    kept = PlainTextField(widget=forms.HiddenInput, required=False, max_length=400)
    without = forms.BooleanField(label="Make the video without this picture", required=False)
    recording = forms.FileField(
        label="Your recording",
        required=False,
        help_text=(
            "Read the script as it stands, with a short pause between paragraphs. "
            "MP3, M4A, WAV, Ogg or FLAC, at most 200 MB and 30 minutes."
        ),
        widget=forms.FileInput(attrs={"accept": "audio/*,.mp3,.m4a,.wav,.ogg,.flac"}),
    )
    kept_recording = PlainTextField(widget=forms.HiddenInput, required=False, max_length=400)
    without_recording = forms.BooleanField(label="Take this recording out", required=False)
    titles = forms.BooleanField(label="Show each scene's title in the picture", required=False)
    seed = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    key = PlainTextField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False, max_length=60)
    draft = forms.UUIDField(label="Kept text", widget=forms.HiddenInput, required=False)
    agreed = PlainTextField(widget=forms.HiddenInput, required=False)
    tiles = PlainTextField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,  # Any: Django's signature
        voices: Sequence[OfferedVoice],
        language: str = "en",
        takes_reference: bool = False,
        **kwargs: Any,  # Any: Django's signature
    ) -> None:
        """`language` is the reader's own: its voices stand first. `takes_reference`: the painter looks at pictures."""
        super().__init__(*args, **kwargs)
        self.takes_reference = takes_reference
        self.kept_reference: Blob | None = None
        self.taken_recording: Recording | None = None
        if not takes_reference:
            for name in _REFERENCE_FIELDS:
                del self.fields[name]
        voice = self.fields["voice"]
        assert isinstance(voice, PickField)
        voice.choices = voice_menu(voices, language)
        voice.initial = first_voice(voices, "en")
        self._offered = {offered.key: offered for offered in voices}

    def language_of_voice(self) -> str:
        """Return what the chosen voice speaks, whatever is wrong with the form; English when there is no such voice."""
        chosen = self._offered.get(str(self["voice"].value()))
        return chosen.voice.language if chosen else "en"

    def own_voice_id(self) -> str:
        """Return the id of the chosen voice of the user's own in a checked form, empty for every other voice."""
        offered = self._offered.get(self.cleaned_data["voice"])
        return offered.profile_id if offered else ""

    def order(self) -> Order:
        """Return what was typed and chosen, for the action to check."""
        chosen = self.cleaned_data
        prompt, transcript = self.texts()
        offered = self._offered.get(chosen["voice"])
        return Order(
            prompt=prompt,
            transcript=transcript,
            title=chosen["title"],
            niche=chosen["niche"],
            minutes=chosen["minutes"],
            voice=chosen["voice"],
            speed=chosen["speed"],
            pace=chosen["pace"],
            shape=chosen["shape"],
            caption_style=chosen["captions"],
            caption_position=chosen["position"],
            music=MusicChoice(kind="ambient") if chosen["music"] == "ambient" else MusicChoice(),
            seed=chosen["seed"],
            on_screen_titles=chosen["titles"],
            own_voice=offered if offered and offered.profile_id else None,
            reference=self.kept_reference,
            recording=self.taken_recording if self.speaks_with_recording() else None,
        )

    def wants_no_reference(self) -> bool:
        """Return whether a checked form has no picture of the main character, or one that was taken back."""
        return not self.takes_reference or self.cleaned_data.get("without", False)

    def keep_reference(self, reference: Blob | None, ticket: str) -> None:
        """Take over the picture that was sent or kept, and show the form with its ticket."""
        self.kept_reference = reference
        self.data = {**dict(self.data.items()), "kept": ticket, "without": ""}

    def wants_no_recording(self) -> bool:
        """Return whether a checked form has no recording, or one that was taken back.

        A file that no voice calls for is refused at its field: it would be sent for nothing.
        """
        if self.cleaned_data.get("recording") and not self.speaks_with_recording():
            self.add_error("recording", "To use this file, choose “Read it myself” as the voice. Then send it again.")
            return False
        return bool(self.cleaned_data.get("without_recording"))

    def speaks_with_recording(self) -> bool:
        """Return whether the voice that was chosen in a checked form is a recording of the user's own."""
        offered = self._offered.get(self.cleaned_data.get("voice", ""))
        return offered is not None and offered.speaker == RECORDING

    def keep_recording(self, recording: Recording | None, ticket: str) -> None:
        """Take over the recording that was sent or kept, and show the form with its ticket."""
        self.taken_recording = recording
        self.data = {**dict(self.data.items()), "kept_recording": ticket, "without_recording": ""}

    @property
    def recording_length(self) -> str:
        """How long the kept recording is, "2 min 5 s"; empty without one."""
        return length_in_words(self.taken_recording.seconds) if self.taken_recording else ""

    def idempotency_key(self) -> str:
        """The same for the same form with the same content; empty when the form came without a key."""
        key = self.cleaned_data["key"]
        return f"form:{digest(key, self.order())}" if key else ""

    def add_refusal(self, error: BriefRefused) -> None:
        """Show a refusal at its field."""
        self.add_error(error.field if error.field in self.fields else None, error.sentence)


class AgreedForm(forms.Form):
    """What a button that spends credits sends along: the price that stood on it."""

    agreed = forms.IntegerField(min_value=0)

    def agreed_credits(self) -> int:
        """Return the price that was agreed to. Raises NoPriceNamed."""
        if not self.is_valid():
            raise NoPriceNamed("The button was pressed without its price. Nothing was charged; press it again.")
        agreed: int = self.cleaned_data["agreed"]
        return agreed


def initial_of(draft: Draft, voices: Sequence[OfferedVoice]) -> dict[str, Any]:  # Any: initial values of all fields
    """Return a draft as the form's initial values. Without a voice its language chooses one."""
    values: dict[str, Any] = {"draft": draft.draft_id}
    values |= {name: draft.options[option] for name, option in _OPTION_OF.items() if option in draft.options}
    own = str(draft.options.get("voiceProfileId", ""))
    if own in {offered.profile_id for offered in voices} - {""}:
        values["voice"] = own
    elif "language" in draft.options:
        values["voice"] = _in_language(str(values.get("voice", "")), str(draft.options["language"]), voices)
    return {**values, **initial_text(draft)}


def _in_language(named: str, language: str, voices: Sequence[OfferedVoice]) -> str:
    """Return the key of the named voice in a language; of the language's first where none is named."""
    if not named:
        return first_voice(voices, language)
    fitting = [each.key for each in voices if named in (each.key, each.voice.voice_id) and each.speaks(language)]
    return fitting[0] if fitting else named


def data_of(form: CreateForm, initial: Mapping[str, Any]) -> dict[str, Any]:  # Any: values as a browser would send
    """Return the initial values of all fields as if the form had been sent with them."""
    return {name: initial.get(name, form.get_initial_for_field(field, name)) for name, field in form.fields.items()}
