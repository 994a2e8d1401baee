"""`python -m canvascast.expansion`: migrations newer than the baseline only add, so that the code before still runs.

While a deployment goes on, the code before meets the new tables, for minutes or for a day. django-migration-linter
reads the SQL of each new migration for what would break it: a column that is dropped, renamed, or NOT NULL without a
default of the database's own, a new unique constraint. Checks on old tables are looked for besides.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from canvascast import env
from canvascast.embedded.postgres import embedded_database

if TYPE_CHECKING:
    from django.db.migrations import Migration

BASELINE = env.ROOT / "ops" / "migrations-baseline.txt"


@dataclass(frozen=True)
class Baseline:
    """The last old migration of each app, and the new ones that may take something away."""

    last: dict[str, str]
    contracts: frozenset[tuple[str, str]]

    def judges(self, app: str, name: str) -> bool:
        """Return whether the migration has to be one that only adds."""
        return name > self.last.get(app, "") and (app, name) not in self.contracts


def read_baseline(text: str) -> Baseline:
    """Raises ValueError for a line that says nothing known."""
    last: dict[str, str] = {}
    contracts: set[tuple[str, str]] = set()
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        contract = re.fullmatch(r"contract (\w+) (\w+): (\S.+)", line)
        if contract:
            contracts.add((contract[1], contract[2]))
        elif known := re.fullmatch(r"(\w+) (\w+)", line):
            last[known[1]] = known[2]
        else:
            raise ValueError(f"{BASELINE.name} has “{line}”")
    return Baseline(last, frozenset(contracts))


def faults(statements: list[str]) -> list[str]:
    """Return what in a migration's SQL would break the code before it, in the linter's words."""
    from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
    from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

    lines = [line for statement in statements for line in statement.splitlines()]
    errors, _, _ = analyse_sql_statements(PostgresqlAnalyser, lines)
    found = [" ".join(filter(None, (error.message, error.table, error.column))) for error in errors]
    return found + [f"ADDING a check: {line}" for line in lines if _is_new_rule_on_old_table(line, lines)]


def judged_migrations(baseline: Baseline, labels: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return each migration that must only add, with its faults. Asks the database nothing but its version."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    ours = [(app, name) for app, name in sorted(loader.disk_migrations) if app in set(labels)]
    return [
        (f"{app} {name}", faults(_sql(loader, loader.disk_migrations[app, name])))
        for app, name in ours
        if baseline.judges(app, name)
    ]


def main() -> int:
    """Judge the migrations of our own apps; print a line for each fault and return 1 if there is one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canvascast.settings.dev")
    with _some_database():
        import django

        django.setup()
        from django.apps import apps

        labels = [app.label for app in apps.get_app_configs() if app.name.startswith(("apps.", "canvascast."))]
        judged = judged_migrations(read_baseline(BASELINE.read_text()), labels)
    for name, found in judged:
        sys.stdout.write("".join(f"{name}: {fault}\n" for fault in found))
    return 1 if any(found for _, found in judged) else 0


@contextmanager
def _some_database() -> Iterator[None]:
    """Django writes the SQL of a migration only beside a server."""
    if env.value("DATABASE_URL", ""):
        yield
        return
    folder = Path(env.value("CANVASCAST_VAR", str(env.ROOT / "var"))) / "postgres"
    with embedded_database(folder) as url:
        os.environ["DATABASE_URL"] = url
        yield


def _sql(loader: Any, migration: Migration) -> list[str]:  # Any: Django's loader, which has no complete types
    from django.db import connection

    state = loader.project_state((migration.app_label, migration.name), at_end=False)
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(state, editor, collect_sql=True)
    return [str(line) for line in editor.collected_sql]


def _is_new_rule_on_old_table(line: str, lines: list[str]) -> bool:
    """Rows that the code before writes may break a rule that it does not know."""
    rule = re.match(r"ALTER TABLE (\S+) ADD CONSTRAINT \S+ (CHECK|EXCLUDE)", line)
    return rule is not None and not any(line.startswith(f"CREATE TABLE {rule[1]} ") for line in lines)


if __name__ == "__main__":
    sys.exit(main())
