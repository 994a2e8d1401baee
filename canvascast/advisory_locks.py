"""Locks with a name: PostgreSQL's advisory locks, for all hosts alike.

They end with their block or transaction, or with the connection of a process that was killed. Whoever has one may take
it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error as DatabaseTrouble
from django.db import connection
from django.db.transaction import TransactionManagementError


def until_commit(name: str) -> None:
    """Hold it alone until the transaction ends; waits until whoever has it is done. One query."""
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"without a transaction {name} is held by nobody")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@contextmanager
def held_with_others(name: str) -> Iterator[None]:
    """Hold it for the block beside others who do the same; waits until whoever holds it alone is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        with _kept_by_nobody(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))", [name])


@contextmanager
def held_alone(name: str) -> Iterator[bool]:
    """Hold it alone for the block, or yield False at once where somebody else has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with _kept_by_nobody(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@contextmanager
def _kept_by_nobody() -> Iterator[None]:
    """The trouble of the block itself is what counts; a connection that cannot give its lock back must not keep it."""
    try:
        yield
    except DatabaseTrouble:
        if not connection.in_atomic_block:
            connection.close()
