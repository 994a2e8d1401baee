"""Hold ledger, wallets, lots, jobs and files against each other. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction

from canvascast import life_signs
from canvascast.operations.delivered_files import file_findings
from canvascast.operations.invariants import EVERYTHING, INVARIANTS, LATELY, Finding, Scope

_LONGEST_LATE_LOOK_SECONDS = 30


def reconcile(
    *, files: bool = True, deep: bool = False, night: date | None = None, longest_query_seconds: int = 0
) -> list[Finding]:
    """Return everything that breaks an invariant (I1 to I6), none when all agree.

    `files` asks the storage for each file of each finished video, `deep` compares their hashes too, of a `night` those
    of a seventh. No query takes longer than `longest_query_seconds`, unless that is 0. Raises StorageUnavailable when
    the storage does not answer, OperationalError where a query takes too long.
    """
    findings = _findings(EVERYTHING, longest_query_seconds)
    if files:
        findings += file_findings(deep=deep, night=night)
    return findings


def reconcile_lately() -> list[Finding]:
    """Return what breaks an invariant of what is open, or ended or moved in the last six hours; not of files.

    It reads what happened in that time, by indexes. Raises OperationalError where that takes longer than half a minute
    a query.
    """
    return _findings(LATELY, _LONGEST_LATE_LOOK_SECONDS)


def _findings(scope: Scope, longest_query_seconds: int) -> list[Finding]:
    findings = []
    with _one_moment(longest_query_seconds):
        for invariant in INVARIANTS:
            findings += invariant.findings(scope)
            life_signs.show()
    return findings


@contextmanager
def _one_moment(longest_query_seconds: int) -> Iterator[None]:
    """All queries see the same moment, or work that goes on between two of them looks like drift."""
    is_inside = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if not is_inside:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if longest_query_seconds:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{longest_query_seconds}s"])
        yield
