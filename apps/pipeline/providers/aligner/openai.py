"""Word times by OpenAI's transcription: what it heard and when, laid against the words of the script."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from apps.pipeline.contracts import SAMPLE_RATE
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.aligner.heard_words import HeardWord, match_heard, surplus_of
from apps.pipeline.providers.aligner.hearing import sound_of, two_letters, wav_of
from apps.pipeline.providers.aligner.placing import placed
from apps.pipeline.providers.errors import Rejected, Transient
from apps.pipeline.providers.usage import Usage, bought
from apps.pipeline.providers.vendors import prices
from apps.pipeline.providers.vendors.account import Account
from apps.pipeline.providers.vendors.openai import OpenAIService, openai_answers
from apps.pipeline.providers.vendors.refusals import bad_answer
from apps.pipeline.render.wav import wav_samples

if TYPE_CHECKING:
    from openai.types.audio import TranscriptionVerbose

# https://platform.openai.com/docs/guides/speech-to-text: 25 MB a file, 13 minutes at 16 kHz.
_MOST_BYTES = 25 * 1024 * 1024
_MOST_WORDS_A_SECOND = 20
_LONGEST_WORD = 80
_MOST_SURPLUS = 0.5
"""Of the script: a voice that says more than that besides has said something twice."""


class OpenAIAligner(OpenAIService):
    """The model must give word times, as whisper-1 does."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.identity = f"openai {account.model('hearing')}, times 1"

    def align(self, request: AlignRequest) -> Alignment:
        """Time the request's words.

        Raises Rejected("scene_too_long"), Transient("alignment_quality") where much more was said than is written, and
        what `refusal` makes.
        """
        samples = wav_samples(request.audio)[:, 0]
        model, seconds = self.account.model("hearing"), len(samples) / SAMPLE_RATE
        sound = wav_of(sound_of(samples))
        if len(sound) > _MOST_BYTES:
            raise Rejected("scene_too_long", "One scene is too long for its words to be timed.", f"{seconds:.0f} s")
        with openai_answers():
            answer = self.client.audio.transcriptions.create(
                model=model,
                file=("scene.wav", sound, "audio/wav"),
                language=two_letters(request.language),
                response_format="verbose_json",
                timestamp_granularities=["word"],
            )
        usage = Usage(model, round(seconds), prices.cost_of_sound(model, seconds))
        with bought(usage):
            with openai_answers():
                heard = _heard(answer, seconds)
            surplus = surplus_of(request.tokens, heard, request.language)
            if surplus > _MOST_SURPLUS:
                raise Transient("alignment_quality", f"{surplus:.0%} more was said than is written")
            words = placed(request.tokens, match_heard(request.tokens, heard, request.language), samples)
        return Alignment(words, usage, self.name)


def _heard(answer: TranscriptionVerbose, seconds: float) -> list[HeardWord]:
    """Return the words in order and inside the audio, whatever was sent."""
    if answer.words is None or len(answer.words) > max(seconds, 1.0) * _MOST_WORDS_A_SECOND:
        raise bad_answer("openai", "no word times, or more words than anybody can say")
    heard: list[HeardWord] = []
    for word in answer.words:
        if not (math.isfinite(word.start) and math.isfinite(word.end)):
            raise bad_answer("openai", "a time that is none")
        start = min(max(word.start, heard[-1].end if heard else 0.0), seconds)
        heard.append(HeardWord(word.word[:_LONGEST_WORD], start, min(max(word.end, start), seconds)))
    return heard
