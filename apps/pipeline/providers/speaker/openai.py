"""OpenAI's voices: one call a scene, bare samples back, no word times."""

from __future__ import annotations

from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.speaker.base import Speech, SpeechRequest, Voice
from apps.pipeline.providers.speaker.languages import LANGUAGES, language_of
from apps.pipeline.providers.speaker.said_text import text_to_buy
from apps.pipeline.providers.speaker.soundness import check_speech
from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.openai import OpenAIService, openai_answers
from apps.pipeline.providers.vendors.prices import cost_of_characters

# https://platform.openai.com/docs/api-reference/audio/createSpeech
_MOST_CHARACTERS = 4_096
_SLOWEST, _FASTEST = 0.25, 4.0
_PCM_RATE = 24_000
_ALWAYS = ("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer")
_NEWER = ("marin", "cedar", "ballad", "verse")
# The vendor names no rate: an estimate of how fast its voices read English at speed 1.
NATURAL_WORDS_PER_MINUTE = 160


class OpenAISpeaker(OpenAIService):
    tells_word_times = False

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._model = account.model("speech")
        self.identity = f"openai {self._model}, speech 1"

    def voices(self) -> tuple[Voice, ...]:
        """Return every voice in every language: they all speak them all."""
        return tuple(
            Voice(voice_id, voice_id.capitalize(), language.tag, language.script)
            for language in LANGUAGES.values()
            for voice_id in self._voice_ids()
        )

    def speak(self, request: SpeechRequest) -> Speech:
        """Say the tokens. Raises Rejected("unknown_voice", "voice_refused" and those of `text_to_buy`), Transient."""
        if request.voice_id not in self._voice_ids():
            raise Rejected("unknown_voice", f"There is no voice “{request.voice_id[:40]}” any more.")
        said = text_to_buy(request.tokens, most_characters=_MOST_CHARACTERS)
        pcm = self._bought(said.text, request)
        usage = Usage(self._model, len(said.text), cost_of_characters(self._model, len(said.text)))
        speech = Speech(pcm=pcm, sample_rate=_PCM_RATE, word_times=None, usage=usage)
        with bought(usage):
            check_speech(speech, request)
        return speech

    def _bought(self, text: str, request: SpeechRequest) -> bytes:
        from openai import omit

        with openai_answers(_refused()):
            answer = self.client.audio.speech.create(
                model=self._model,
                voice=request.voice_id,
                input=text,
                response_format="pcm",
                speed=_speed(request.words_per_minute),
                instructions=self._instructions(request.language) or omit,
            )
            return answer.content

    def _instructions(self, language_tag: str) -> str:
        """The first models take none; the others read a text without accents or in short words as English."""
        language = language_of(language_tag)
        if language is None or self._model.startswith("tts-1"):
            return ""
        return f"Read this narration in {language.name}, clearly and evenly."

    def _voice_ids(self) -> tuple[str, ...]:
        return _ALWAYS if self._model.startswith("tts-1") else _NEWER + _ALWAYS


def _speed(words_per_minute: int) -> float:
    return min(max(round(words_per_minute / NATURAL_WORDS_PER_MINUTE, 2), _SLOWEST), _FASTEST)


def _refused() -> Rejected:
    advice = "Change the words of this scene, or make a new video with another voice."
    return Rejected("voice_refused", f"The voice service refused to say these words. {advice}")
