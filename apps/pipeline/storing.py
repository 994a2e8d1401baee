"""Whoever stores a file of a user's and whoever deletes theirs take turns, for a stored file may be one that exists.

A step that makes what is there already writes nothing, and its row is committed some time later. Somebody who deletes
sees neither. So a step stores under a lock of the user's that it shares with other steps, and writes an older file
again. Who deletes has the lock alone, and deletes new files only while no video of the user's is in the making.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from uuid import UUID

from apps.pipeline import outages
from canvascast.advisory_locks import held_alone, held_with_others

ROW_FOLLOWS_WITHIN = timedelta(days=1)
"""No work takes as long as this between storing a file and the commit of its row."""
WRITTEN_AGAIN_AFTER = timedelta(hours=1)
"""A file of that age is written again by whoever stores it, so that its time tells that somebody needs it."""


@contextmanager
def storing(user_id: UUID, *, is_patient: bool = False) -> Iterator[None]:
    """Let nothing of the user's be deleted meanwhile; waits until who deletes looks again, which is a moment.

    Who `is_patient` outlasts an outage of the database before it begins.
    """
    with ExitStack() as held:

        def hold() -> None:
            held.enter_context(held_with_others(_lock(user_id)))

        if is_patient:
            outages.outlast(hold)
        else:
            hold()
        yield


@contextmanager
def deleting(user_id: UUID) -> Iterator[bool]:
    """Let no file of the user's be stored meanwhile, or yield False where somebody stores one now.

    Whoever stores waits: hold it for what takes a moment.
    """
    with held_alone(_lock(user_id)) as is_mine:
        yield is_mine


def _lock(user_id: UUID) -> str:
    return f"files:{user_id}"
