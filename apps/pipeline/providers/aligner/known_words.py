"""A scene's known words as one text, and where each of them is heard when that text comes back in timed pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from apps.pipeline.contracts import Token
from apps.pipeline.providers.aligner.placing import Heard


@dataclass(frozen=True)
class SaidText:
    """`spans` has the first and one past the last letter of each token in `text`."""

    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class TimedText:
    """A piece of the text, whatever its borders, with its time in seconds; `confidence` is 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


def text_of(tokens: Sequence[Token]) -> SaidText:
    """Return what is said, with a space before it where words are spaced: recognisers write the first word so too."""
    text, spans = " " if len(tokens) == 1 or any(token.after for token in tokens[:-1]) else "", []
    for token in tokens:
        letters = [found.start() for found in re.finditer(r"\w", token.spoken)] or [0]
        spans.append((len(text) + letters[0], len(text) + letters[-1] + 1))
        text += token.spoken + token.after
    return SaidText(text.rstrip(), tuple(spans))


def heard_in(said: SaidText, pieces: Sequence[TimedText]) -> list[Heard | None]:
    """Return when each token is heard, None where no piece has it; a piece is taken to be said evenly.

    The pieces together are the text.
    """
    begins = list(accumulate((len(piece.text) for piece in pieces), initial=0))
    return [_heard(span, begins, pieces) for span in said.spans]


def _heard(span: tuple[int, int], begins: Sequence[int], pieces: Sequence[TimedText]) -> Heard | None:
    first, last = span
    touched = [place for place in range(len(pieces)) if begins[place] < last and first < begins[place + 1]]
    if not touched:
        return None
    start = _moment(pieces[touched[0]], first - begins[touched[0]])
    end = _moment(pieces[touched[-1]], last - begins[touched[-1]])
    return Heard(start, end, sum(pieces[place].confidence for place in touched) / len(touched))


def _moment(piece: TimedText, character: int) -> float:
    """Return when the piece's character begins, or the piece ends; the spaces before its letters take no time."""
    spaces = len(piece.text) - len(piece.text.lstrip())
    share = (character - spaces) / max(len(piece.text) - spaces, 1)
    return piece.start + (piece.end - piece.start) * min(max(share, 0.0), 1.0)
