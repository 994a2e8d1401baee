"""A word among its neighbours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A word without its outer punctuation, and its neighbours likewise ("" at the ends).

    `earlier` is the word before `before`. `is_parted_before` and `is_parted_after`: a mark stands between it and that
    neighbour, as the comma in "Thank you, Peter, I agree".
    """

    word: str
    before: str
    after: str
    earlier: str = ""
    is_parted_before: bool = False
    is_parted_after: bool = False
