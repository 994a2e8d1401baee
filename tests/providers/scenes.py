"""Spoken scenes for aligners: a real voice, its words, and where they really are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apps.pipeline.contracts import Token, TokenTime
from apps.pipeline.providers.aligner.base import AlignRequest
from apps.pipeline.providers.aligner.speaker_events import SpeakerEventsAligner
from apps.pipeline.providers.speaker.base import SpeechRequest
from apps.pipeline.providers.speaker.espeak import EspeakSpeaker
from apps.pipeline.render.narration import write_take
from apps.pipeline.text.spoken import with_spoken
from apps.pipeline.text.tokens import tokenise

TEXT = "In 1998 the lighthouse cost $3.5 million to repair. Sailors, of course, trust its light."


@dataclass(frozen=True)
class SpokenScene:
    """`truth` is when each token is said, as the voice itself tells."""

    tokens: tuple[Token, ...]
    audio: Path
    seconds: float
    truth: tuple[TokenTime, ...]
    language: str

    def request(self, hints: tuple[TokenTime, ...] | None = None) -> AlignRequest:
        return AlignRequest(self.tokens, self.audio, self.language, hints)


def spoken_scene(folder: Path, text: str = TEXT, voice: str = "en-us", language: str = "en") -> SpokenScene:
    tokens = with_spoken(tokenise(text, language), language)
    speech = EspeakSpeaker().speak(SpeechRequest(tokens, voice, language, 150))
    audio = folder / "take.wav"
    samples = write_take(speech.pcm, speech.sample_rate, audio)
    truth = SpeakerEventsAligner().align(AlignRequest(tokens, audio, language, speech.word_times)).words
    return SpokenScene(tokens, audio, samples / 48_000, truth, language)
