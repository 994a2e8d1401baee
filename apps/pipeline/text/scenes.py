"""Narration to scenes: one picture each, near six seconds, broken where a speaker would pause."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from apps.pipeline.contracts import Token
from apps.pipeline.text.sentences import ends_clause, split_sentences
from apps.pipeline.text.tokens import spoken_weight

SHORTEST_SECONDS = 3.0
LONGEST_SECONDS = 15.0
_IDEAL_SECONDS = 6.5

# Shares of a word's time. A sentence of 15 words with 1.3 clause borders then takes 15 words' time, pauses included.
_WORD = 0.87
_SENTENCE_PAUSE = 1.2
_CLAUSE_PAUSE = 0.6

# What a break costs, in the same coin as (seconds from the ideal) squared. No scene of 15 s or less is as dear as a
# break at a clause, so a sentence is broken only when it is longer than a scene may be.
_AT_CLAUSE = 80.0
_AT_WORD = 240.0
_OVER_PARAGRAPH = 70.0
_TOO_SHORT = 400.0


@dataclass(frozen=True)
class SceneWords:
    """One scene's words and how long they take to say."""

    tokens: tuple[Token, ...]
    seconds: float
    ends_paragraph: bool


@dataclass(frozen=True)
class _Line:
    """All tokens in a row: `starts` are in seconds, `breaks` the price of ending a scene after each token."""

    tokens: tuple[Token, ...]
    starts: tuple[float, ...]
    breaks: tuple[float, ...]
    paragraph_ends: frozenset[int]


def estimate_seconds(tokens: Sequence[Token], words_per_minute: int) -> float:
    """Return how long `tokens` take at `words_per_minute`, pauses included, by their spoken forms."""
    weights = [weight for sentence in split_sentences(tuple(tokens)) for weight in _weights(sentence)]
    return round(sum(weights) * 60 / words_per_minute, 2)


def split_scenes(paragraphs: Sequence[tuple[Token, ...]], words_per_minute: int) -> tuple[SceneWords, ...]:
    """Split `paragraphs` of tokens into scenes of 3 to 15 s that hold every token in order.

    Scenes end at sentences; at clause borders, then at words, where a sentence is too long. A paragraph ends inside a
    scene only where a part would otherwise be too short. Only a text shorter than 3 s makes a shorter scene, and only a
    single token of more than 15 s a longer one.
    """
    line = _line([tokens for tokens in paragraphs if tokens], words_per_minute)
    scenes: list[SceneWords] = []
    for first, last in _cheapest_cuts(line):
        tokens = line.tokens[first : last + 1]
        seconds = round(line.starts[last + 1] - line.starts[first], 2)
        scenes.append(SceneWords(tokens, seconds, last in line.paragraph_ends))
    return tuple(scenes)


def joined(paragraphs: Sequence[tuple[Token, ...]]) -> tuple[Token, ...]:
    """Return the tokens of all paragraphs in a row, with the gap between paragraphs that their script has."""
    return tuple(token for paragraph in paragraphs if paragraph for token in _spaced(paragraph))


def _line(paragraphs: list[tuple[Token, ...]], words_per_minute: int) -> _Line:
    tokens: list[Token] = []
    starts, breaks = [0.0], []
    ends: set[int] = set()
    for paragraph in paragraphs:
        for sentence in split_sentences(_spaced(paragraph)):
            for token, weight in zip(sentence, _weights(sentence), strict=True):
                tokens.append(token)
                starts.append(starts[-1] + weight * 60 / words_per_minute)
                breaks.append(_AT_CLAUSE if ends_clause(token) else _AT_WORD)
            breaks[-1] = 0.0
        ends.add(len(tokens) - 1)
    return _Line(tuple(tokens), tuple(starts), tuple(breaks), frozenset(ends))


def _spaced(paragraph: tuple[Token, ...]) -> tuple[Token, ...]:
    """Let the last word be followed by what its neighbours are, so that paragraphs join in one scene."""
    last = paragraph[-1]
    unspaced = len(paragraph) > 1 and all(token.after == "" for token in paragraph)
    return (*paragraph[:-1], replace(last, after="" if unspaced else " "))


def _weights(sentence: tuple[Token, ...]) -> list[float]:
    weights = [
        _WORD * spoken_weight(token.spoken) + (_CLAUSE_PAUSE if ends_clause(token) else 0.0) for token in sentence
    ]
    weights[-1] += _SENTENCE_PAUSE
    return weights


def _cheapest_cuts(line: _Line) -> list[tuple[int, int]]:
    count = len(line.tokens)
    starts, crossed = line.starts, _paragraphs_before(line)
    best = [0.0, *[math.inf] * count]
    came_from = [0] * (count + 1)
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            seconds = starts[end] - starts[start]
            if seconds > LONGEST_SECONDS and start < end - 1:
                break
            cost = best[start] + (seconds - _IDEAL_SECONDS) ** 2
            cost += _OVER_PARAGRAPH * (crossed[end - 1] - crossed[start])
            if seconds < SHORTEST_SECONDS:
                cost += _TOO_SHORT
            if cost < best[end]:
                best[end], came_from[end] = cost, start
        best[end] += line.breaks[end - 1]
    return _walk_back(came_from, count)


def _paragraphs_before(line: _Line) -> list[int]:
    return list(accumulate((index in line.paragraph_ends for index in range(len(line.tokens))), initial=0))


def _walk_back(came_from: list[int], count: int) -> list[tuple[int, int]]:
    cuts: list[tuple[int, int]] = []
    while count:
        cuts.append((came_from[count], count - 1))
        count = came_from[count]
    return cuts[::-1]
