"""Emptying the test database, in which the credit tables refuse to be emptied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

# Made by migrations and the same for every test.
_KEPT = ("django_migrations", "django_content_type", "auth_permission", "django_q_schedule")
_WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"


@pytest.fixture(autouse=True, scope="session")
def _quick_flush() -> Iterator[None]:
    """Let Django's flush, with which a transactional test ends, delete what there is and ask no trigger.

    Truncating two hundred tables, of which five have rows, takes seconds, and making every permission anew does too.
    """

    def delete_rows(self: DatabaseOperations, sql_list: Sequence[str]) -> None:
        if not sql_list:
            return
        with self.connection.cursor() as cursor:
            names = [name for name in self.connection.introspection.table_names(cursor) if name not in _KEPT]
            quoted = {name: self.quote_name(name) for name in names}
            looks = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {table})" for name, table in quoted.items())
            cursor.execute(" UNION ALL ".join(looks))
            filled = [name for (name,) in cursor.fetchall()]
        self.execute_sql_flush_again([_WITHOUT_TRIGGERS, *(f"DELETE FROM {quoted[name]}" for name in filled)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            DatabaseOperations, "execute_sql_flush_again", DatabaseOperations.execute_sql_flush, raising=False
        )
        patch.setattr(DatabaseOperations, "execute_sql_flush", delete_rows)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield
