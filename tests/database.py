"""Emptying the test database, in which the credit tables refuse to be emptied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

_WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"


@pytest.fixture(autouse=True, scope="session")
def _flush_past_triggers() -> Iterator[None]:
    """Django's flush, with which a transactional test ends, truncates without asking the triggers."""
    execute = DatabaseOperations.execute_sql_flush

    def past_triggers(self: DatabaseOperations, sql_list: Sequence[str]) -> None:
        execute(self, [_WITHOUT_TRIGGERS, *sql_list] if sql_list else [])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", past_triggers)
        yield
