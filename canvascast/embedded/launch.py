"""How a command starts: the embedded database around it where no other is named, and its tables brought up to date."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from canvascast import env
from canvascast.embedded.postgres import DatabaseUnavailable, embedded_database

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_NEED_NO_DATABASE = {
    "help",
    "version",
    "--help",
    "--version",
    "makemigrations",
    "collectstatic",
    "check",
    "diffsettings",
}
# A backup is what one wants before a migration, and a restore may be needed because of one.
_MIGRATE_THEMSELVES = {"migrate", "backup", "restore"}
_MIGRATION_LOCK = 20_261_123
_LOOK_AGAIN_SECONDS = 0.2


def launch(argv: list[str]) -> None:
    """Run the management command in `argv`.

    Ctrl-C, SIGTERM and a closed terminal end it in order, with a word instead of a traceback.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        _launch(argv)
    except KeyboardInterrupt:
        sys.exit("Stopped.")


def _launch(argv: list[str]) -> None:
    if not _wants_embedded_database(argv):
        _execute(argv)
        return
    try:
        with embedded_database(_var_folder() / "postgres") as url:
            os.environ["DATABASE_URL"] = url
            _execute(argv, migrate_first=argv[1] not in _MIGRATE_THEMSELVES)
    except DatabaseUnavailable as error:
        sys.exit(str(error))


def _wants_embedded_database(argv: list[str]) -> bool:
    if env.value("DATABASE_URL", "") or env.value("DJANGO_SETTINGS_MODULE").endswith("production"):
        return False
    return len(argv) > 1 and argv[1] not in _NEED_NO_DATABASE and "--help" not in argv


def _var_folder() -> Path:
    return Path(env.value("CANVASCAST_VAR", str(env.ROOT / "var")))


def _execute(argv: list[str], *, migrate_first: bool = False) -> None:
    import django
    from django.core.management import execute_from_command_line

    if migrate_first:
        django.setup()
        _apply_pending_migrations()
    execute_from_command_line(argv)


def _apply_pending_migrations() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:
        # Two commands that start at once must not migrate side by side. Asked again and again: an index that is made
        # while others write waits for every statement that was begun before it, one that waits for a lock as well.
        while not _holds_migration_lock(cursor):
            time.sleep(_LOOK_AGAIN_SECONDS)
        try:
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def _holds_migration_lock(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [_MIGRATION_LOCK])
    return bool(cursor.fetchone()[0])
