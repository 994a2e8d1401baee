"""ElevenLabs: one call a scene, samples and the times of all characters back."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.pipeline.contracts import Token, TokenTime
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.speaker.base import Speech, SpeechRequest, Voice
from apps.pipeline.providers.speaker.elevenlabs_voices import ElevenLabsVoices
from apps.pipeline.providers.speaker.said_text import SaidText, text_to_buy
from apps.pipeline.providers.speaker.soundness import check_speech
from apps.pipeline.providers.speaker.token_times import times_from_spans
from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.elevenlabs import ONE_TRY, ElevenLabsService, elevenlabs_answers
from apps.pipeline.providers.vendors.prices import cost_of_characters

if TYPE_CHECKING:
    from elevenlabs.types import AudioWithTimestampsResponse, CharacterAlignmentResponseModel

# Characters a call by model, the longest beginning of the name counts: https://elevenlabs.io/docs/overview/models
_MOST_CHARACTERS = {"eleven_v3": 3_000, "eleven_flash_v2_5": 40_000, "eleven_turbo_v2_5": 40_000}
_ANY_MODEL_CHARACTERS = 5_000
# The range of `voice_settings.speed`; other accounts than the highest get no PCM at 44.1 kHz, all get it at 24.
_SLOWEST, _FASTEST = 0.7, 1.2
_PCM_RATE = 24_000
# The vendor names no rate: an estimate of how fast its voices read English at speed 1.
NATURAL_WORDS_PER_MINUTE = 155
# These models find the language by themselves and take no word about it.
_FINDS_LANGUAGE = "eleven_multilingual"
_MOST_LATE_SECONDS = 0.25


class ElevenLabsSpeaker(ElevenLabsService):
    tells_word_times = True

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._model = account.model("speech")
        self._voices = ElevenLabsVoices(account)
        self.identity = f"elevenlabs {self._model}, speech 1"

    def voices(self) -> tuple[Voice, ...]:
        """Return the account's voices. Raises as ElevenLabsVoices does when the list was never read."""
        return self._voices.current()

    def speak(self, request: SpeechRequest) -> Speech:
        """Say the tokens. Raises Rejected("unknown_voice", "voice_refused" and those of `text_to_buy`), Transient."""
        if not re.fullmatch(r"[A-Za-z0-9]{1,64}", request.voice_id):
            raise _gone()
        said = text_to_buy(request.tokens, most_characters=self._most_characters())
        answer = self._bought(said.text, request)
        usage = Usage(self._model, len(said.text), cost_of_characters(self._model, len(said.text)))
        with bought(usage):
            with elevenlabs_answers():
                pcm = base64.b64decode(answer.audio_base_64, validate=True)
                spans = _spans(said, request.tokens, answer.alignment)
            check_speech(Speech(pcm=pcm, sample_rate=_PCM_RATE, word_times=None, usage=usage), request)
        return Speech(pcm, _PCM_RATE, _word_times(spans, len(pcm) / 2 / _PCM_RATE), usage)

    def _bought(self, text: str, request: SpeechRequest) -> AudioWithTimestampsResponse:
        from elevenlabs import VoiceSettings

        with elevenlabs_answers({"voice_not_found": _gone(), "content_against_policy": _refused()}):
            return self.client.text_to_speech.convert_with_timestamps(
                request.voice_id,
                text=text,
                model_id=self._model,
                output_format="pcm_24000",
                voice_settings=VoiceSettings(speed=_speed(request.words_per_minute)),
                language_code=self._language_code(request.language),
                request_options=ONE_TRY,
            )

    def _language_code(self, tag: str) -> str | None:
        return None if self._model.startswith(_FINDS_LANGUAGE) else tag.split("-")[0].lower()

    def _most_characters(self) -> int:
        fitting = [most for name, most in _MOST_CHARACTERS.items() if self._model.startswith(name)]
        return fitting[0] if fitting else _ANY_MODEL_CHARACTERS


def _speed(words_per_minute: int) -> float:
    return min(max(round(words_per_minute / NATURAL_WORDS_PER_MINUTE, 2), _SLOWEST), _FASTEST)


def _spans(
    said: SaidText, tokens: Sequence[Token], alignment: CharacterAlignmentResponseModel | None
) -> tuple[tuple[float, float] | None, ...] | None:
    """Return when each token's first letter begins and its last ends; None when the times are those of another text.

    Raises ValueError or TypeError for what are no times.
    """
    if alignment is None or "".join(alignment.characters) != said.text:
        return None
    starts = [_seconds(time) for time in alignment.character_start_times_seconds]
    ends = [_seconds(time) for time in alignment.character_end_times_seconds]
    places = _places(alignment.characters)
    return tuple(
        None if start is None else (starts[places[start]], ends[places[start + len(token.spoken) - 1]])
        for start, token in zip(said.starts, tokens, strict=True)
    )


def _places(pieces: Sequence[str]) -> list[int]:
    """Return for each character of the text which piece has it: a piece may be a letter with its marks."""
    return [place for place, piece in enumerate(pieces) for _ in piece]


def _seconds(time: float) -> float:
    seconds = float(time)
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError("a time that is none")
    return seconds


def _word_times(spans: Sequence[tuple[float, float] | None] | None, seconds: float) -> tuple[TokenTime, ...] | None:
    if spans is None:
        return None
    last = max(end for _, end in filter(None, spans))
    if last > seconds + _MOST_LATE_SECONDS:
        raise Transient("voice_bad_audio", f"the sound ends at {seconds:.1f} s, its last word at {last:.1f} s")
    return times_from_spans(spans, seconds)


def _gone() -> Rejected:
    return Rejected("unknown_voice", "This voice is no longer there. Make a new video with another voice.")


def _refused() -> Rejected:
    advice = "Change the words of this scene, or make a new video with another voice."
    return Rejected("voice_refused", f"The voice service refused to say these words. {advice}")
