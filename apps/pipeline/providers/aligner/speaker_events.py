"""The embedded aligner: the speaker's own word times, with pauses moved to where the sound really starts and stops."""

from __future__ import annotations

from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.aligner.pauses import moved_to_sound
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.usage import Usage
from apps.pipeline.render.wav import wav_samples


class SpeakerEventsAligner:
    name = "speaker-events"
    identity = "speaker-events 1"

    def align(self, request: AlignRequest) -> Alignment:
        """Refine the request's hints against its audio. Raises Rejected("no_word_times") when there are none."""
        if request.hints is None or len(request.hints) != len(request.tokens):
            raise Rejected(
                "no_word_times",
                "This voice does not tell when it says each word. Choose another voice or another way of alignment.",
            )
        words = moved_to_sound(request.hints, wav_samples(request.audio)[:, 0])
        return Alignment(words, Usage(model=self.identity), self.name)
