"""The database that is backed up, and others on its server: made, filled, looked at, exchanged, dropped."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import stamina
from django.db import connection, connections
from psycopg import pq, sql

from canvascast.operations.backups.trouble import BackupTrouble

_PREFIXES = {"verify": "canvascast_verify_", "restore": "canvascast_restore_"}
_STAMP = "%Y%m%dt%H%M%S"
_FORGOTTEN_AFTER = timedelta(days=1)
_NAME_BYTES = 63
_REPLACED = "_before_"
_REPLACED_BYTES = len(f"{_REPLACED}20261129t063000_0a1b")
_SWAP_TRIES = 10
_PAUSE_SECONDS = 0.2
_ALWAYS_THERE = ("postgres", "template1")


def our_database() -> str:
    """Return the name of the database that DATABASE_URL names."""
    return str(connection.settings_dict["NAME"])


def libpq_environment(database: str = "") -> dict[str, str]:
    """Return how to reach the server, and `database` or ours on it, as variables for PostgreSQL's programs."""
    parameters = _parameters(database)
    names = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
    return {envvar.decode(): parameters[name] for name, envvar in names.items() if envvar and name in parameters}


def connect(database: str = "") -> psycopg.Connection:
    """Return a connection of its own, in autocommit, to `database` or ours. Raises BackupTrouble."""
    try:
        return psycopg.connect(**_parameters(database), autocommit=True)  # type: ignore[arg-type]  # keywords of libpq
    except psycopg.OperationalError as error:
        name = database or our_database()
        raise BackupTrouble(f"The database {name} cannot be reached ({_first_line(error)}).") from error


def server_version(of: psycopg.Connection) -> tuple[int, str]:
    """Return the server's major version, and its version in full."""
    return of.info.server_version // 10_000, str(of.execute("SHOW server_version").fetchall()[0][0])


@contextlib.contextmanager
def scratch_database(at: datetime) -> Iterator[str]:
    """Make an empty database beside ours and drop it when the block ends, whatever happens. Raises BackupTrouble."""
    name = create_beside("verify", at)
    try:
        yield name
    finally:
        drop(name)


def create_beside(purpose: str, at: datetime) -> str:
    """Create an empty database with the encoding and order of ours, to "verify" or "restore"; return its name.

    Those that killed processes left a day ago are dropped. Raises BackupTrouble.
    """
    _drop_forgotten(at)
    name = f"{_PREFIXES[purpose]}{at.astimezone(UTC):{_STAMP}}_{uuid.uuid4().hex[:8]}"
    with connect() as ours:
        found = ours.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchall()
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}")
        try:
            ours.execute(statement.format(sql.Identifier(name), *map(sql.Literal, found[0])))
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupTrouble(
                f"The user {ours.info.user} may not create databases. An administrator can allow it "
                f"(ALTER ROLE … CREATEDB), or name an empty database in DATABASE_URL and run `restore` there."
            ) from error
    return name


def drop(name: str) -> None:
    """Drop the database, whoever is connected to it. Raises BackupTrouble."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with connect() as ours:
        try:
            try:
                # By force it would have to end an autovacuum, which not everybody may; so it gives way by itself.
                ours.execute(statement)
            except psycopg.errors.ObjectInUse:
                ours.execute(statement + sql.SQL(" WITH (FORCE)"))
        except psycopg.Error as error:
            raise BackupTrouble(f"The database {name} is left over ({_first_line(error)}); drop it by hand.") from error


@contextlib.contextmanager
def looking_at(database: str) -> Iterator[None]:
    """Let every query of this thread, and `migrate`, go to `database` while the block runs."""
    ours = connections["default"]
    other = type(ours)({**ours.settings_dict, "NAME": database}, alias="default")
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = ours


def name_for_old(name: str, at: datetime) -> str:
    """Return the name under which a replaced database is kept."""
    return f"{_begin_of_old(name)}{at.astimezone(UTC):{_STAMP}}_{uuid.uuid4().hex[:4]}"


def kept_databases() -> list[str]:
    """Return the names of those that made way in a restore of ours and are still there, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY datname",
            [_begin_of_old(cursor.connection.info.dbname)],
        )
        return [name for (name,) in cursor.fetchall()]


def exchange(name: str, *, by: str, kept_as: str) -> None:
    """In one transaction, call the database `name` `kept_as` and give its name to the database `by`.

    Connections to either are closed. Raises BackupTrouble, and then nothing was exchanged.
    """
    connections["default"].close()
    with connect(next(other for other in _ALWAYS_THERE if other != name)) as server:
        try:
            for attempt in stamina.retry_context(
                on=psycopg.errors.ObjectInUse,
                attempts=_SWAP_TRIES,
                # PostgreSQL itself waits some seconds each time.
                timeout=None,
                wait_initial=_PAUSE_SECONDS,
                wait_max=_PAUSE_SECONDS,
                wait_jitter=0,
            ):
                with attempt:
                    _rename(server, {name: kept_as, by: name})
        except psycopg.errors.ObjectInUse as error:
            sentence = f"Others kept connecting to {name}: stop web and worker processes, then try again."
            raise BackupTrouble(sentence) from error
        except psycopg.Error as error:
            raise BackupTrouble(f"The database {name} could not be renamed ({_first_line(error)}).") from error


def _begin_of_old(name: str) -> str:
    """A name has 63 bytes at most, so the end of a long one is left out."""
    return name.encode()[: _NAME_BYTES - _REPLACED_BYTES].decode(errors="ignore") + _REPLACED


def _rename(server: psycopg.Connection, names: dict[str, str]) -> None:
    with server.transaction():
        # Autovacuum, which not everybody may end, gives way by itself.
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = ANY(%s) AND backend_type = 'client backend'",
            [list(names)],
        )
        for old, new in names.items():
            statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            server.execute(statement.format(sql.Identifier(old), sql.Identifier(new)))


def _drop_forgotten(at: datetime) -> None:
    oldest = f"{(at - _FORGOTTEN_AFTER).astimezone(UTC):{_STAMP}}"
    for prefix in _PREFIXES.values():
        with connect() as ours:
            found = ours.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname < %s",
                [prefix, prefix + oldest],
            )
            names = [name for (name,) in found.fetchall()]
        for name in names:
            drop(name)


def _parameters(database: str) -> dict[str, str]:
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    given = connection.get_connection_params() | ({"dbname": database} if database else {})
    return {name: str(given[name]) for name in known & given.keys() if given[name] is not None}


def _first_line(error: psycopg.Error) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
