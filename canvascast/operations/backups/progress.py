"""What is being done, told to whoever waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Say = Callable[[str], None]
T = TypeVar("T")
_SECONDS_BETWEEN = 5.0


def counted(things: Iterable[T], noun: str, say: Say) -> Iterator[T]:
    """Yield the things; say every five seconds how many there were."""
    told_at = time.monotonic()
    for number, thing in enumerate(things, 1):
        yield thing
        if time.monotonic() - told_at > _SECONDS_BETWEEN:
            say(f"  {number:,} {noun} …")
            told_at = time.monotonic()
