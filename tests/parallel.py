"""Many threads at once, each with a database connection of its own."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError, connection

T = TypeVar("T")


def at_once(work: Callable[[int], T], *, threads: int = 50) -> list[T]:
    """Call `work(0)` to `work(threads - 1)` in threads that are let go together; return what they return.

    One such crowd at a time over all test processes: two of them would need more connections than the server has.
    """
    barrier, opening = Barrier(threads), Lock()

    def alone(number: int) -> T:
        try:
            with opening:
                connection.ensure_connection()
            barrier.wait(timeout=60)
            return work(number)
        except OperationalError:
            barrier.abort()
            raise
        finally:
            connection.close()

    with (settings.VAR_DIR / "crowd.lock").open("w") as lock, ThreadPoolExecutor(threads) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return list(pool.map(alone, range(threads)))
