"""Many clients at once, each with a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Barrier
from typing import Generic, TypeVar

from django.db import connection

T = TypeVar("T")
C = TypeVar("C")


@dataclass(frozen=True)
class Storm(Generic[T]):
    """What the calls returned or raised, in the order of the calls, and how long they took together."""

    outcomes: list[T | Exception]
    seconds: float

    def returned(self) -> list[T]:
        return [outcome for outcome in self.outcomes if not isinstance(outcome, Exception)]

    def raised(self) -> list[Exception]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Exception)]


def storm(call: Callable[[C], T], cases: Iterable[C], *, clients: int) -> Storm[T]:
    """Call `call` once for each case from `clients` threads that start together and take the next case when free."""
    waiting = list(cases)
    outcomes: list[T | Exception] = [RuntimeError("not called")] * len(waiting)
    numbers = count()
    barrier = Barrier(clients + 1)

    def client() -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            while (number := next(numbers)) < len(waiting):
                outcomes[number] = _outcome(call, waiting[number])
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(client) for _ in range(clients)]
        barrier.wait(timeout=60)
        began = time.monotonic()
        for one in running:
            one.result()
        return Storm(outcomes, time.monotonic() - began)


def _outcome(call: Callable[[C], T], case: C) -> T | Exception:
    try:
        return call(case)
    except Exception as error:  # noqa: BLE001 - the test counts every kind
        return error
