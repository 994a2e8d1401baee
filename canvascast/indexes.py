"""Indexes of tables that grow: made while others read and write. A migration with them says `atomic = False`."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddIndexMeanwhile(AddIndexConcurrently):
    """CREATE INDEX CONCURRENTLY that can be repeated.

    One that was stopped half-way leaves an index that is kept up to date and never read; it is dropped first.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:  # Any: Django's states, which its stubs name otherwise from version to version
        self._ensure_not_in_transaction(schema_editor)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
