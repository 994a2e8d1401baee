"""What every aligner's answer must pass, whoever the vendor is: complete, in order, and of these very words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from apps.pipeline.contracts import SAMPLE_RATE, Token, TokenTime
from apps.pipeline.providers.aligner.base import Alignment, AlignRequest
from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.wav import wav_samples
from apps.pipeline.text.tokens import spoken_weight

_ROUNDING_SECONDS = 1e-6
_HEARD_CONFIDENCE = 0.2
_LEAST_HEARD_SHARE = 0.6
"""Half-heard names and numbers are borne; a voice that says something else is not."""
_MISSED_IN_A_ROW, _MISSED_SHARE, _MISSED_AT_THE_END = 3.0, 1 / 8, 2.0
"""Words in a row that may go unheard: names of several words that are written otherwise than they were heard."""
_TIME_SHARE = 0.5
"""Of the time that unheard words take at the scene's pace: where there is less, they were not said."""


def check_alignment(found: Alignment, asked: AlignRequest) -> None:
    """Raise Transient("alignment_quality") unless `found` passes `check_times` and `check_whole` for what was asked."""
    check_times(found.words, len(asked.tokens), len(wav_samples(asked.audio)) / SAMPLE_RATE)
    check_whole(found.words, asked.tokens)


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
    heard = sum(map(_is_heard, words))
    if heard < _LEAST_HEARD_SHARE * token_count:
        raise Transient("alignment_quality", f"{heard} of {token_count} words were heard")


def check_whole(words: Sequence[TokenTime], tokens: Sequence[Token]) -> None:
    """Raise Transient("alignment_quality") where words in a row were left out: a take that stops early, or skips.

    Three words in a row (an eighth of a long scene; two at its end) may go unheard. Up to twice as many may where there
    is the time to say them: they are spelled otherwise.
    """
    weights = [spoken_weight(token.spoken) if token.spoken else 0.0 for token in tokens]
    pace = _seconds_a_word(words, weights)
    allowed = max(_MISSED_IN_A_ROW, sum(map(_at_most_one, weights)) * _MISSED_SHARE)
    for first, last in _unheard_runs(words):
        most = _MISSED_AT_THE_END if last == len(words) else allowed
        count = sum(map(_at_most_one, weights[first:last]))
        seconds = words[last - 1].end - words[first].start
        if count > 2 * most or (count > most and seconds < _TIME_SHARE * pace * sum(weights[first:last])):
            found = f"words {first} to {last - 1} of {len(words)} were not heard in {seconds:.2f} s"
            raise Transient("alignment_quality", found)


def _at_most_one(weight: float) -> float:
    """A number of many words is one thing that may be heard otherwise."""
    return min(weight, 1.0)


def _seconds_a_word(words: Sequence[TokenTime], weights: Sequence[float]) -> float:
    heard = [(word.end - word.start, weight) for word, weight in zip(words, weights, strict=True) if _is_heard(word)]
    weight = sum(weight for _, weight in heard)
    return sum(seconds for seconds, _ in heard) / weight if weight else 0.0


def _unheard_runs(words: Sequence[TokenTime]) -> Iterator[tuple[int, int]]:
    """Yield the first and one past the last of words that were not heard, run by run."""
    for was_heard, run in groupby(words, key=_is_heard):
        if not was_heard:
            indexes = [word.index for word in run]
            yield indexes[0], indexes[-1] + 1


def _is_heard(word: TokenTime) -> bool:
    return word.confidence >= _HEARD_CONFIDENCE
