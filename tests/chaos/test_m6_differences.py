"""M6: one credit more or less, anywhere, is refused by the database or reported by the next reconcile."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from canvascast.operations.reconcile import reconcile
from tests.billing.moves import give
from tests.chaos.jobs import end_as_settled, start

pytestmark = pytest.mark.goal("M6")

COLUMNS = {
    "wallets": ("available", "held", "debt", "last_seq"),
    "credit_ledger": ("d_available", "d_held", "d_debt", "d_external", "seq"),
    "credit_lots": ("credits", "remaining"),
    "lot_allocations": ("credits",),
    "jobs": ("reserved", "cost"),
}
DIFFERENCES = [
    (table, column, change) for table, columns in COLUMNS.items() for column in columns for change in (1, -1)
]


class Undo(Exception):
    """Ends the transaction in which a difference was injected."""


def outcome_of(table: str, column: str, change: int) -> str:
    """Inject the difference into one row as nobody but the database's administrator can, and say what comes of it."""
    outcome = "unseen"
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(
                    f"UPDATE {table} SET {column} = {column} + {change} WHERE ctid IN (SELECT max(ctid) FROM {table})"
                )
            if reconcile(files=False):
                outcome = "reported"
            raise Undo
    except IntegrityError:
        return "refused"
    except Undo:
        return outcome


def two_videos(owner: User) -> None:
    """One settled, one open."""
    give(owner, 30)
    settled = start(owner, 10)
    ledger.finalize(job_id=settled.pk, credits=7, at=timezone.now())
    end_as_settled(settled)
    start(owner, 5)


@pytest.mark.django_db(transaction=True)
def test_every_difference_of_one_is_refused_or_reported(owner: User, scenario):
    two_videos(owner)
    assert reconcile() == []

    with scenario("M6", "differences of one", size="full") as scene:
        outcomes = {difference: outcome_of(*difference) for difference in DIFFERENCES}

        seen = list(outcomes.values())
        scene.note(differences=len(seen), **{what: seen.count(what) for what in ("refused", "reported", "unseen")})
        assert [difference for difference, outcome in outcomes.items() if outcome == "unseen"] == []
