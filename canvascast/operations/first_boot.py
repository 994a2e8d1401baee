"""dj-stripe's tables without dj-stripe's migrations, which cost 80 to 150 seconds of CPU and end in the same schema.

The tables are created from the models as they are now and its migrations are recorded as applied. That both ways give
the same schema is proven by `tests/boot`; a new dj-stripe version has to be proven again there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

APP = "djstripe"


def lacks_tables(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the database has neither a table nor an applied migration of dj-stripe."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    if any(table.startswith(f"{APP}_") for table in tables):
        return False
    return all(app != APP for app, _ in MigrationExecutor(connection).recorder.applied_migrations())


def create_tables(connection: BaseDatabaseWrapper, progress: Callable[..., Any] | None = None) -> None:
    """Migrate every other app, which dj-stripe's tables refer to, then create its tables and record its migrations.

    `progress` is MigrationExecutor's callback. Stopped half-way, it leaves all of dj-stripe undone.
    """
    executor = MigrationExecutor(connection, progress)
    executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] != APP])
    with transaction.atomic(using=connection.alias):
        with connection.schema_editor() as editor:
            for model in apps.get_app_config(APP).get_models():
                editor.create_model(model)
        with connection.schema_editor() as editor:
            _widen_link_tables(editor)
        _record_migrations(executor)


def _widen_link_tables(editor: BaseDatabaseSchemaEditor) -> None:
    """The app asks for integer ids, but its migrations give many-to-many tables the project's default, bigint."""
    for model in apps.get_app_config(APP).get_models(include_auto_created=True):
        if model._meta.auto_created:
            editor.execute(f"ALTER TABLE {editor.quote_name(model._meta.db_table)} ALTER COLUMN id TYPE bigint")


def _record_migrations(executor: MigrationExecutor) -> None:
    for key, migration in sorted(executor.loader.disk_migrations.items()):
        if key[0] == APP:
            executor.apply_migration(ProjectState(), migration, fake=True)
