"""A recogniser's words laid against the script's: the script is right about what was said, the other about when."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from apps.pipeline.contracts import Token
from apps.pipeline.providers.aligner.placing import Heard
from apps.pipeline.text.characters import is_unspaced
from apps.pipeline.text.spoken import with_spoken
from apps.pipeline.text.tokens import spoken_weight

_LEAST_LIKENESS = 0.6
_HANDFUL = 8.0
"""Words: recognisers hear a "thank you for watching" in silence."""
_MOST_PAIRS = 4_000
"""Of one stretch without an equal word; a longer one is not the script."""


@dataclass(frozen=True)
class HeardWord:
    """What a recogniser heard, in seconds from the start of the audio."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class _Part:
    """A word, or a character of an unspaced script: part of token or heard word number `place`."""

    word: str
    place: int
    begins: float
    ends: float


def match_heard(tokens: Sequence[Token], heard: Sequence[HeardWord], language: str) -> list[Heard | None]:
    """Return where each token was heard, None for one that was not.

    Numbers are compared as they are said. A token's confidence is the share of its words that was heard, alike words
    counting as much as they are alike.
    """
    script = [part for place, token in enumerate(tokens) for part in _parts(token.spoken, place)]
    said = with_spoken([Token(word.text, word.text) for word in heard], language)
    sounds = [part for place, token in enumerate(said) for part in _parts(token.spoken, place)]
    found: dict[int, list[Heard]] = defaultdict(list)
    for first, second, likeness in _pairs([part.word for part in script], [part.word for part in sounds]):
        word, sound = heard[sounds[second].place], sounds[second]
        length = word.end - word.start
        begin, end = word.start + length * sound.begins, word.start + length * sound.ends
        found[script[first].place].append(Heard(begin, end, likeness))
    counts = [sum(part.place == place for part in script) for place in range(len(tokens))]
    return [_whole(found[place], counts[place]) if found[place] else None for place in range(len(tokens))]


def surplus_of(tokens: Sequence[Token], heard: Sequence[HeardWord], language: str) -> float:
    """Return by what share of the script more was heard than is written; 0 for a handful of words."""
    said = with_spoken([Token(word.text, word.text) for word in heard], language)
    written, sounded = (_weight_of(spoken) for spoken in (tokens, said))
    return (sounded - written) / max(written, 1.0) if sounded - written > _HANDFUL else 0.0


def _weight_of(tokens: Sequence[Token]) -> float:
    words = [part.word for token in tokens for part in _parts(token.spoken, 0)]
    return sum(spoken_weight(word) for word in words)


def _whole(parts: Sequence[Heard], count: int) -> Heard:
    confidence = sum(part.confidence for part in parts) / count
    return Heard(parts[0].start, max(part.end for part in parts), confidence)


def _parts(text: str, place: int) -> Iterator[_Part]:
    """Yield the words of `text` with the shares of its letters at which they begin and end."""
    words = [piece for word in re.findall(r"\w+", _plain(text)) for piece in _split(word)]
    letters, before = sum(map(len, words)), 0
    for word in words:
        yield _Part(word, place, before / letters, (before + len(word)) / letters)
        before += len(word)


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(character for character in plain if unicodedata.category(character) != "Mn")
    return re.sub(r"['’]", "", unicodedata.normalize("NFC", kept))


def _split(word: str) -> list[str]:
    return list(word) if any(map(is_unspaced, word)) else [word]


def _pairs(script: list[str], sounds: list[str]) -> Iterator[tuple[int, int, float]]:
    """Yield which word of one is which of the other, in order, and how alike they are."""
    matcher = SequenceMatcher(None, script, sounds, autojunk=False)
    for tag, first, first_end, second, second_end in matcher.get_opcodes():
        if tag == "equal":
            yield from ((first + step, second + step, 1.0) for step in range(first_end - first))
        elif tag == "replace":
            alike = _alike(script[first:first_end], sounds[second:second_end])
            yield from ((first + one, second + other, likeness) for one, other, likeness in alike)


def _alike(script: list[str], sounds: list[str]) -> list[tuple[int, int, float]]:
    """Return the pairs of similar words that together are most alike, in order."""
    if len(script) * len(sounds) > _MOST_PAIRS:
        return []
    best: dict[tuple[int, int], tuple[float, list[tuple[int, int, float]]]] = defaultdict(lambda: (0.0, []))
    for one, word in enumerate(script):
        for other, sound in enumerate(sounds):
            options = [best[one - 1, other], best[one, other - 1]]
            likeness = SequenceMatcher(None, word, sound, autojunk=False).ratio()
            if likeness >= _LEAST_LIKENESS:
                score, pairs = best[one - 1, other - 1]
                options.append((score + likeness, [*pairs, (one, other, likeness)]))
            best[one, other] = max(options, key=lambda option: option[0])
    return best[len(script) - 1, len(sounds) - 1][1]
