"""What every aligner's answer must pass, whoever the vendor is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from apps.pipeline.contracts import TokenTime
from apps.pipeline.providers.errors import Transient

_ROUNDING_SECONDS = 1e-6


def check_times(words: Sequence[TokenTime], token_count: int, seconds: float) -> None:
    """Raise Transient("alignment_quality") unless every token has its time, in order, inside [0, seconds]."""
    if [word.index for word in words] != list(range(token_count)):
        raise Transient("alignment_quality", f"{len(words)} times for {token_count} words")
    backwards = [word.index for word in words if not 0 <= word.start < word.end]
    overlapping = [word.index for word, after in pairwise(words) if after.start < word.end - _ROUNDING_SECONDS]
    outside = [word.index for word in words if word.end > seconds + _ROUNDING_SECONDS]
    if backwards or overlapping or outside:
        found = f"backwards {backwards[:5]}, overlapping {overlapping[:5]}, outside {outside[:5]}"
        raise Transient("alignment_quality", f"of {token_count} words in {seconds:.2f} s: {found}")
