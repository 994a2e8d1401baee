"""Whether two sounds say the same words: how much cheaper the right order of them is than any other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.pipeline.contracts import Token
from apps.pipeline.providers.echo.spectra import Vectors
from apps.pipeline.providers.echo.warping import warp
from apps.pipeline.providers.errors import Rejected

MOST_UNLIKE = 0.88
"""Above this the words are others. In six recordings of people, scenes of 4 s and more that say the right words have
0.70 to 0.86, scenes of wrong words 0.89 to 1.0."""
_SHORT_SECONDS = 6.0
_MORE_A_SECOND = 0.015
_NAMED_WORDS = 8


def most_unlike(seconds: float) -> float:
    """Return the bar for a scene by itself: the shorter it is, the less there is to tell it by."""
    return MOST_UNLIKE + _MORE_A_SECOND * max(_SHORT_SECONDS - seconds, 0.0)


def differs(what: str, detail: str) -> Rejected:
    """Return the refusal of a recording that does not say `what`."""
    sentence = f"The recording does not seem to say {what}."
    advice = "Read the script as it stands, from its first word to its last, or paste what you read."
    return Rejected("recording_differs", f"{sentence} {advice}", detail)


def beginning(tokens: Sequence[Token]) -> str:
    """Return the first words of a scene for a refusal."""
    words = "".join(token.display + token.after for token in tokens[:_NAMED_WORDS]).strip()
    return f"“{words}{' …' if len(tokens) > _NAMED_WORDS else ''}”"


def unlikeness(one: Vectors, other: Vectors) -> float:
    """Return what laying one sound on the other costs, by what it costs with the first one's parts in another order.

    About 0.8 for the same words in two voices, 0.95 for different ones. Both in frames of about 40 ms.
    """
    shuffled = [warp(order, other).cost for order in _other_orders(one)]
    return warp(one, other).cost / max(sum(shuffled) / len(shuffled), 1e-9)


def _other_orders(vectors: Vectors) -> list[Vectors]:
    third, backwards = len(vectors) // 3, vectors[::-1]
    turned = [np.roll(order, count * third, axis=0) for order in (vectors, backwards) for count in (1, 2)]
    return [backwards, *turned]
