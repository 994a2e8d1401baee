"""What a video costs. Pure arithmetic; the quote it gives is a cap."""

from __future__ import annotations

import math
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction

_MULTIPLIER = {"history": Fraction(3, 2)}
_SCENES_A_CREDIT = 5
# In percent of the price; steps that cost nothing noticeable keep nothing.
_KEPT_WHEN_DONE = {"script": 10, "voice": 20, "images": 50, "render": 20}


def price_of_video(*, minutes: float, niche: str) -> int:
    """Return the credits for a video of that length: one a started minute, history one and a half, at least one."""
    return max(1, math.ceil(Fraction(minutes).limit_denominator(60_000) * _MULTIPLIER.get(niche, 1)))


def price_of_scenes(changed: int) -> int:
    """Return the credits for making a finished video again with `changed` scenes changed: one covers up to five."""
    return max(1, math.ceil(changed / _SCENES_A_CREDIT))


def price_of_longer(*, minutes: float, niche: str) -> int:
    """Return the credits for changed words that make a video longer by that: whole minutes only, as a video's are."""
    return max(0, math.floor(Fraction(minutes).limit_denominator(60_000) * _MULTIPLIER.get(niche, 1)))


def shares_of(price: int) -> dict[str, Decimal]:
    """Return which part of a price each paid step has, to a tenth of a credit; together they are the price."""
    return {step: Decimal(price * percent) / 100 for step, percent in _KEPT_WHEN_DONE.items()}


def kept_on_stop(*, price: int, finished_steps: Collection[str]) -> int:
    """Return the credits kept when a video is stopped: the finished steps' share of its price, rounded down."""
    return price * sum(percent for step, percent in _KEPT_WHEN_DONE.items() if step in finished_steps) // 100
