"""The embedded speaker: espeak-ng in this process. No key, no network, about 180 times faster than real time."""

from __future__ import annotations

import unicodedata
from collections import Counter

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.speaker import espeak_library
from apps.pipeline.providers.speaker.base import Speech, SpeechRequest, Voice
from apps.pipeline.providers.speaker.espeak_library import Delivery, Utterance
from apps.pipeline.providers.speaker.said_text import SaidText, said_text
from apps.pipeline.providers.speaker.soundness import check_speech, is_silent
from apps.pipeline.providers.speaker.token_times import times_from_marks
from apps.pipeline.providers.speaker.voices import VOICES, EspeakVoice
from apps.pipeline.providers.usage import Usage

# The first word of a character's Unicode name tells its script; by ISO 15924 code.
_SCRIPT_WORDS = {
    "Latn": "LATIN",
    "Cyrl": "CYRILLIC",
    "Grek": "GREEK",
    "Deva": "DEVANAGARI",
    "Arab": "ARABIC",
    "Hans": "CJK",
}
_voices = {voice.offered.voice_id: voice for voice in VOICES}


class EspeakSpeaker:
    name = "espeak"
    tells_word_times = True

    def __init__(self) -> None:
        self.identity = f"espeak-ng {espeak_library.version()}, voices 1"

    def voices(self) -> tuple[Voice, ...]:
        return tuple(voice.offered for voice in VOICES)

    def speak(self, request: SpeechRequest) -> Speech:
        """Say the tokens; the language follows from the voice.

        Raises Rejected("unknown_voice"), and Rejected("voice_cannot_read") for words in a script that the voice does
        not speak or that come out silent.
        """
        voice = _voice(request.voice_id)
        said = said_text(request.tokens)
        _require_readable(said.text, voice)
        utterance = espeak_library.say(said.text, _delivery(voice, request.words_per_minute))
        if is_silent(utterance.pcm):
            raise _unreadable(voice)
        return _checked(utterance, said, request)


def _voice(voice_id: str) -> EspeakVoice:
    if voice_id not in _voices:
        valid = ", ".join(_voices)
        raise Rejected("unknown_voice", f"There is no voice “{voice_id[:40]}”. The voices are: {valid}.")
    return _voices[voice_id]


def _require_readable(text: str, voice: EspeakVoice) -> None:
    # A foreign letter is not skipped but named ("Chinese letter"), which nobody wants to hear for a whole scene.
    scripts = Counter(unicodedata.name(sign, "?").split()[0] for sign in text if sign.isalpha())
    own = scripts[_SCRIPT_WORDS[voice.offered.script]]
    if scripts and own * 2 < scripts.total():
        raise _unreadable(voice)


def _unreadable(voice: EspeakVoice) -> Rejected:
    sentence = f"The voice “{voice.offered.name}” cannot read this text. Choose a voice of the text's own language."
    return Rejected("voice_cannot_read", sentence)


def _delivery(voice: EspeakVoice, words_per_minute: int) -> Delivery:
    rate, word_gap = voice.rate_and_gap(words_per_minute)
    return Delivery(voice.espeak_name, rate, word_gap, voice.pitch, voice.pitch_range)


def _checked(utterance: Utterance, said: SaidText, request: SpeechRequest) -> Speech:
    seconds = len(utterance.pcm) / 2 / utterance.sample_rate
    times = times_from_marks(utterance.marks, said.starts, utterance.sample_rate, seconds)
    usage = Usage(model="espeak-ng", units=len(said.text))
    speech = Speech(pcm=utterance.pcm, sample_rate=utterance.sample_rate, word_times=times, usage=usage)
    check_speech(speech, request)
    return speech
