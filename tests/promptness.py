"""How long an answer takes: counted in processor time, because a busy machine may let anybody wait."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ANSWER_SECONDS = 2.0
# By the clock: far more than any busy machine adds, less than a lock or a sleep that nobody ends.
STUCK_SECONDS = 30.0


@dataclass
class Taken:
    """What a block took: of this process and of the children that it waited for, and by the clock."""

    cpu_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def is_prompt(self) -> bool:
        return self.cpu_seconds < ANSWER_SECONDS and self.seconds < STUCK_SECONDS

    def __str__(self) -> str:
        return f"{self.cpu_seconds:.2f} s of a processor in {self.seconds:.2f} s"


@contextmanager
def taken() -> Iterator[Taken]:
    """Measure the block; what is yielded is filled when it ends."""
    found, began, used = Taken(), time.monotonic(), _cpu_seconds()
    try:
        yield found
    finally:
        found.cpu_seconds, found.seconds = _cpu_seconds() - used, time.monotonic() - began


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
