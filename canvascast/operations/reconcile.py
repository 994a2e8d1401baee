"""Hold ledger, wallets, lots, jobs and files against each other. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from canvascast.operations.delivered_files import file_findings
from canvascast.operations.invariants import INVARIANTS, Finding


def reconcile(*, files: bool = True, deep: bool = False) -> list[Finding]:
    """Return everything that breaks an invariant (I1 to I6), none when all agree.

    `files` asks the storage for each file of each finished video, `deep` compares their hashes too. Raises
    StorageUnavailable when the storage does not answer.
    """
    with _one_moment():
        findings = [finding for invariant in INVARIANTS for finding in invariant.findings()]
    if files:
        findings += file_findings(deep=deep)
    return findings


@contextmanager
def _one_moment() -> Iterator[None]:
    """All queries see the same moment, or work that goes on between two of them looks like drift."""
    is_inside = connection.in_atomic_block
    with transaction.atomic():
        if not is_inside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
