"""Django's `migrate`, except that dj-stripe's tables are created at once where the database has none of them."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from canvascast.operations import first_boot

_NOT_PLAIN = ("app_label", "fake", "fake_initial", "plan", "check_unapplied", "prune")


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django's own command
        connection = connections[options["database"]]
        if not any(options.get(name) for name in _NOT_PLAIN) and first_boot.lacks_tables(connection):
            self.verbosity = options["verbosity"]
            first_boot.create_tables(connection, self.migration_progress_callback)
        super().handle(*args, **options)
