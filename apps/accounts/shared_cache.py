"""The cache that all processes share: a table of the same database, in which limits are counted exactly."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection, transaction

LOCK_SUFFIX = ":lock"
LOCK_WAIT_MILLISECONDS = 5_000


class SharedCache(DatabaseCache):
    """Django's database cache, whose keys ending in ":lock" are advisory locks of the connection.

    allauth counts a limit between `add(key + ":lock")` and `delete(key + ":lock")`. As rows these would be polled for
    at most one second, and requests waiting longer would be refused although the limit was not reached. An advisory
    lock queues them, and ends with the connection when its holder dies.
    """

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a value under a key that has none. A lock is waited for; DatabaseError after five seconds."""
        if not key.endswith(LOCK_SUFFIX):
            return bool(super().add(key, value, timeout, version))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_WAIT_MILLISECONDS}ms"])
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        return True

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a key, or give a lock back; return whether there was one."""
        if not key.endswith(LOCK_SUFFIX):
            return bool(super().delete(key, version))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
            return bool(cursor.fetchone()[0])
