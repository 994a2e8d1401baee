"""Word times without a model: the embedded voice says the words, and its sound is laid over the recording's."""

from __future__ import annotations

from apps.pipeline.contracts import SAMPLE_RATE, TokenTime
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.aligner.pauses import moved_to_sound
from apps.pipeline.providers.echo.laying import lay
from apps.pipeline.providers.echo.likeness import beginning, differs, most_unlike
from apps.pipeline.providers.speaker import espeak_library
from apps.pipeline.providers.usage import Usage
from apps.pipeline.render.energy import pauses_in_room
from apps.pipeline.render.wav import wav_samples

_HOP_SECONDS = 0.01
# A confidence of 0.2 counts as heard, and that much has a scene that is just alike enough.
_LEAST_CONFIDENCE, _CONFIDENCE_A_STEP = 0.2, 4.0


class EchoAligner:
    """Serves the languages of the embedded voices. About 0.1 s of work for a second of a scene."""

    name = "echo"

    def __init__(self) -> None:
        self.identity = f"echo 1, {espeak_library.version()}"

    def align(self, request: AlignRequest) -> Alignment:
        """Time the request's words; all of them are as sure as the scene sounds like them.

        Raises Rejected: "recording_differs" for a scene of other words, "no_word_times" for a language that no embedded
        voice speaks.
        """
        samples = wav_samples(request.audio)[:, 0]
        laid = lay([request.tokens], samples, request.language, _HOP_SECONDS)
        margin = most_unlike(len(samples) / SAMPLE_RATE) - laid.unlikeness[0]
        if margin < 0:
            raise differs(f"this: {beginning(request.tokens)}", f"unlikeness {laid.unlikeness[0]:.2f}")
        confidence = round(min(_LEAST_CONFIDENCE + margin * _CONFIDENCE_A_STEP, 1.0), 3)
        found = [TokenTime(time.index, time.start, time.end, confidence) for time in laid.words[0]]
        return Alignment(moved_to_sound(found, samples, pauses_in_room), Usage(self.identity), self.name)
