"""What every aligner's answer must pass, whoever the vendor is: complete, in order, and of these very words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from apps.pipeline.contracts import SAMPLE_RATE, TokenTime
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.wav import wav_samples

_ROUNDING_SECONDS = 1e-6
_HEARD_CONFIDENCE = 0.2
_LEAST_HEARD_SHARE = 0.6
"""Half-heard names and numbers are borne; a voice that says something else is not."""


def check_alignment(found: Alignment, asked: AlignRequest) -> None:
    """Raise Transient("alignment_quality") unless `found` passes `check_times` for what was asked."""
    check_times(found.words, len(asked.tokens), len(wav_samples(asked.audio)) / SAMPLE_RATE)


def check_times(words: Sequence[TokenTime], token_count: int, seconds: float) -> None:
    """Raise Transient("alignment_quality") unless every token has its time, in order, inside [0, seconds].

    At least 60 % of the words must have been heard, which is to have a confidence of 0.2 or more.
    """
    if [word.index for word in words] != list(range(token_count)):
        raise Transient("alignment_quality", f"{len(words)} times for {token_count} words")
    backwards = [word.index for word in words if not 0 <= word.start < word.end]
    overlapping = [word.index for word, after in pairwise(words) if after.start < word.end - _ROUNDING_SECONDS]
    outside = [word.index for word in words if word.end > seconds + _ROUNDING_SECONDS]
    if backwards or overlapping or outside:
        found = f"backwards {backwards[:5]}, overlapping {overlapping[:5]}, outside {outside[:5]}"
        raise Transient("alignment_quality", f"of {token_count} words in {seconds:.2f} s: {found}")
    heard = sum(word.confidence >= _HEARD_CONFIDENCE for word in words)
    if heard < _LEAST_HEARD_SHARE * token_count:
        raise Transient("alignment_quality", f"{heard} of {token_count} words were heard")
