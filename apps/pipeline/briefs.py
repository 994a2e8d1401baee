"""From what a user typed to a frozen Brief; whatever does not fit is refused in the user's words, field by field."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

from apps.pipeline.contracts import (
    WORDS_PER_MINUTE,
    Blob,
    Brief,
    CaptionChoice,
    Look,
    MusicChoice,
    Recording,
    VoiceChoice,
)
from apps.pipeline.offered_voices import RECORDING, Offer, OfferedVoice, primary, recording_voices
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.moderator.base import text_refused
from apps.pipeline.providers.moderator.word_list import reasons_against
from apps.pipeline.providers.speaker.languages import LANGUAGES, language_of
from apps.pipeline.render import fonts
from apps.pipeline.render.caption_words import require_short_words_in
from apps.pipeline.text.cleaning import clean_text, has_words
from apps.pipeline.text.speaking import words_when_said
from canvascast.amounts import length_in_words
from canvascast.plain_text import one_line, without_controls
from canvascast.video_choices import (
    MINUTES,
    PROMPT_CHARACTERS,
    SPEED,
    TITLE_CHARACTERS,
    TRANSCRIPT_CHARACTERS,
    CaptionPosition,
    CaptionStyle,
    Niche,
    Pace,
    Shape,
)

T = TypeVar("T", bound=str)
NO_MUSIC = MusicChoice()
LONGEST_SCRIPT_MINUTES = 180
"""Of a transcript that a voice reads; a prompt asks for MINUTES, and a recording has a length of its own."""
READING_WORDS_PER_MINUTE = (60, 300)
_UNREAD_SECONDS = 15.0
"""Of silence before and after that a recording may have."""
_MOST_NAMED = 40


class BriefRefused(Rejected):
    """One field of the order cannot be served; `field` names it, `sentence` says what to change."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__("bad_brief", sentence)
        self.field = field


@dataclass(frozen=True)
class Order:
    """What the user asked for, unchecked.

    A transcript makes it manual; no `voice` means the language's first, no `seed` one of the text's own. `own_voice` is
    a voice of the user's own, checked by whoever put it there; it wins over `voice`. A `recording` is the transcript
    as the user read it: it is the voice, and its length counts instead of pace and speed.
    """

    prompt: str = ""
    transcript: str | None = None
    title: str = ""
    niche: str = "explainer"
    minutes: float = 1.0
    voice: str = ""
    speed: float = 1.0
    pace: str = "normal"
    language: str = ""
    shape: str = "16:9"
    caption_style: str = "boxed"
    caption_position: str = "bottom"
    music: MusicChoice = NO_MUSIC
    seed: int | None = None
    on_screen_titles: bool = False
    own_voice: OfferedVoice | None = None
    reference: Blob | None = None
    recording: Recording | None = None


def build_brief(order: Order, offer: Offer) -> Brief:
    """Check the order and return its Brief. Raises BriefRefused naming the first field that does not fit."""
    chosen = _choose_voice(order, offer)
    text = _checked_text(order)
    speed = _within("speed", order.speed, SPEED, "speed", "times the normal speed")
    pace: Pace = "normal" if order.recording is not None else _one_of("pace", order.pace, get_args(Pace))
    _require_showable(order, text, chosen.voice.language)
    if order.transcript is not None and order.recording is None:
        _require_sayable(text, chosen.voice.language, WORDS_PER_MINUTE[pace] * speed)
    return Brief(
        prompt=text if order.transcript is None else "",
        niche_preset=_one_of("niche", order.niche, get_args(Niche)),
        target_minutes=_within("minutes", order.minutes, MINUTES, "length", "minutes"),
        transcript_mode="auto" if order.transcript is None else "manual",
        transcript_text="" if order.transcript is None else text,
        language=_language(order, chosen),
        shape=_one_of("shape", order.shape, get_args(Shape)),
        seed=_seed(order.seed, text),
        pace=pace,
        voice=VoiceChoice(
            provider=chosen.speaker,
            voice_id=chosen.voice.voice_id,
            speed=speed if order.recording is None else _speed_of_reading(order.recording, text, chosen.voice.language),
            voice_profile_id=chosen.profile_id or None,
        ),
        look=Look(reference=order.reference),
        captions=CaptionChoice(
            style=_one_of("captions", order.caption_style, get_args(CaptionStyle)),
            position=_one_of("position", order.caption_position, get_args(CaptionPosition)),
        ),
        music=order.music,
        title=_title(order.title),
        on_screen_titles=order.on_screen_titles,
        recording=order.recording,
    )


def _checked_text(order: Order) -> str:
    field, raw, limits = "prompt", order.prompt, PROMPT_CHARACTERS
    if order.transcript is not None:
        field, raw, limits = "transcript", order.transcript, TRANSCRIPT_CHARACTERS
    text = without_controls(raw)
    if len(text) > limits[1]:
        raise BriefRefused(
            field, f"The {field} has {len(text):,} characters; {limits[1]:,} is the most. Please shorten it."
        )
    if not has_words(text):
        raise BriefRefused(field, f"The {field} has no words to speak. Please write what the video should say.")
    if len(text) < limits[0]:
        raise BriefRefused(field, f"The {field} is too short: please write at least {limits[0]} characters.")
    if reasons := reasons_against(f"{order.title}\n{text}"):
        raise BriefRefused(field, text_refused(reasons).sentence)
    return text


def _require_sayable(text: str, language: str, words_per_minute: float) -> None:
    minutes = words_when_said(clean_text(text), language) / words_per_minute
    if minutes > LONGEST_SCRIPT_MINUTES:
        sentence = f"The transcript takes about {minutes:,.0f} minutes to say; {LONGEST_SCRIPT_MINUTES} is the most."
        raise BriefRefused("transcript", f"{sentence} Please shorten it, or let it be read faster.")


def _require_showable(order: Order, text: str, language: str) -> None:
    field, clean = "prompt" if order.transcript is None else "transcript", clean_text(text)
    try:
        fonts.require_glyphs(clean)
        if order.transcript is not None:
            require_short_words_in(clean, language)
    except Rejected as error:
        raise BriefRefused(field, error.sentence) from error


def _choose_voice(order: Order, offer: Offer) -> OfferedVoice:
    if order.recording is not None or _is_recording(order.voice):
        return _choose_recording(order)
    if order.own_voice is not None:
        return order.own_voice
    if not offer.voices:
        raise BriefRefused("voice", "The voices cannot be listed just now. Please try again in a minute.")
    if order.voice:
        return _voice_named(order.voice, order.language, offer.voices)
    language = order.language or "en"
    for offered in offer.voices:
        if offered.speaks(language):
            return offered
    if primary(language) in offer.without_font:
        sentence = f"Captions in the language “{language}” cannot be shown here: no installed font has its letters."
        raise BriefRefused("language", f"{sentence} Install fonts-noto-core, fonts-noto-cjk and libfribidi0.")
    known = ", ".join(sorted({offered.voice.language for offered in offer.voices}))
    raise BriefRefused("language", f"There is no voice for the language “{language}”. There is: {known}.")


def _is_recording(voice: str) -> bool:
    return voice.partition(".")[0] == RECORDING


def _choose_recording(order: Order) -> OfferedVoice:
    if order.transcript is None:
        sentence = "A recording of your own goes with a script: paste the script that you read, or choose a voice."
        raise BriefRefused("voice", sentence)
    if order.recording is None:
        sentence = "Add the file of your recording. Its price is shown once it is sent, before anything is charged."
        raise BriefRefused("recording", sentence)
    if order.own_voice is not None or (order.voice and not _is_recording(order.voice)):
        raise BriefRefused("recording", "There is a recording and another voice. Leave one of the two out.")
    language = order.voice.partition(".")[2] or order.language or "en"
    voices = recording_voices()
    for offered in voices:
        if offered.speaks(language):
            return offered
    known = ", ".join(primary(offered.voice.language) for offered in voices)
    raise BriefRefused("language", f"Recordings in “{language}” cannot be timed here, but those in: {known}.")


def _speed_of_reading(recording: Recording, text: str, language: str) -> float:
    """Return how fast the script was read, by the normal pace, as far as a script can be cut for it.

    Raises BriefRefused for a recording that is too long or too short to be of this script.
    """
    words, minutes = words_when_said(clean_text(text), language), recording.seconds / 60
    slowest, fastest = READING_WORDS_PER_MINUTE
    if words > fastest * minutes or words < slowest * (minutes - _UNREAD_SECONDS / 60):
        long = "short" if words > fastest * minutes else "long"
        sentence = f"The recording ({length_in_words(recording.seconds)}) is too {long} for this script."
        raise BriefRefused("recording", f"{sentence} Read it as it stands, from its first word to its last.")
    return min(max(round(words / minutes / WORDS_PER_MINUTE["normal"], 2), SPEED[0]), SPEED[1])


def _voice_named(name: str, language: str, voices: Sequence[OfferedVoice]) -> OfferedVoice:
    named = [offered for offered in voices if name in (offered.key, offered.voice.voice_id)]
    if not named:
        keys = [offered.key for offered in voices]
        more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
        raise BriefRefused("voice", f"There is no voice “{name}”. There is: {', '.join(keys[:_MOST_NAMED])}{more}.")
    # A key is the name of one, so what bears it stands before the other languages of the same voice.
    named.sort(key=lambda offered: offered.key != name)
    for offered in named:
        if not language or offered.speaks(language):
            return offered
    known = ", ".join(offered.voice.language for offered in named)
    raise BriefRefused("language", f"The voice “{name}” speaks {known}, not “{language}”. Leave one of the two out.")


def _language(order: Order, chosen: OfferedVoice) -> str:
    """A learned voice speaks whatever language is asked for; every other one is offered in those that it speaks."""
    if not (chosen.profile_id and order.language):
        return chosen.voice.language
    language = language_of(order.language)
    if language is None or not fonts.can_show(language.script):
        known = ", ".join(each.tag for each in LANGUAGES.values() if fonts.can_show(each.script))
        raise BriefRefused("language", f"Voices of your own do not speak “{order.language}” here, but: {known}.")
    return language.tag


def _one_of(field: str, given: str, allowed: tuple[T, ...]) -> T:
    for choice in allowed:
        if given == choice:
            return choice
    raise BriefRefused(field, f"“{given}” is no {field} we know. Choose one of: {', '.join(allowed)}.")


def _within(field: str, given: float, limits: tuple[float, float], name: str, unit: str) -> float:
    if not math.isfinite(given) or not limits[0] <= given <= limits[1]:
        raise BriefRefused(field, f"The {name} must be between {limits[0]:g} and {limits[1]:g} {unit}.")
    return float(given)


def _seed(given: int | None, text: str) -> int:
    """Without a seed the text gives one: two videos look different, the same order twice looks the same."""
    if given is None:
        return zlib.crc32(text.encode()) >> 1
    if not 0 <= given < 2**31:
        raise BriefRefused("seed", "The seed must be a whole number from 0 to 2147483647.")
    return given


def _title(given: str) -> str:
    title = one_line(given)
    if len(title) > TITLE_CHARACTERS:
        raise BriefRefused("title", f"The title has {len(title)} characters; {TITLE_CHARACTERS} is the most.")
    return title
