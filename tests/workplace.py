"""A folder and a database of its own on the run's server, in which the product's commands run for real."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from canvascast.env import ROOT

_TEMPLATE = "flow_template"
"""Followed by what the migrations are, for the server outlives the run."""
_ONE_AT_A_TIME = 7_251


@dataclass(frozen=True)
class Workplace:
    """A folder and a database in which commands run."""

    folder: Path
    environment: dict[str, str]

    @property
    def var(self) -> Path:
        return Path(self.environment["CANVASCAST_VAR"])

    def start(self, *arguments: str, output: int = subprocess.PIPE) -> subprocess.Popen[str]:
        """Start a command. Where nobody reads its output, give a file's number: a full pipe would stop it."""
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment,
            cwd=self.folder,
            stdout=output,
            stderr=output,
            text=True,
            preexec_fn=_listen_to_ctrl_c,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = self.start(*arguments)
        stdout, stderr = command.communicate(timeout=280)
        return subprocess.CompletedProcess(arguments, command.returncode, stdout, stderr)

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(sql, parameters).fetchall()


def _listen_to_ctrl_c() -> None:
    """A shell that runs the tests in the background has told all its children to ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def opened_workplace(folder: Path) -> Iterator[Workplace]:
    """Make the database, with every migration, and drop it when the block ends; the first one makes their template."""
    template = f"{_TEMPLATE}_{_digest_of_migrations()}"
    name = f"flow_{uuid.uuid4().hex[:12]}"
    server = os.environ["DATABASE_URL"]
    place = _workplace(folder, server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone() is None:
            _make_template(connection, folder, server, template)
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield place
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _digest_of_migrations() -> str:
    files = sorted([*ROOT.glob("apps/*/migrations/*.py"), *ROOT.glob("canvascast/*/migrations/*.py")])
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _make_template(connection: psycopg.Connection, folder: Path, server: str, template: str) -> None:
    """Migrate a database, which takes seconds, and give it its name once it is whole."""
    unfinished = f"{template}_{uuid.uuid4().hex[:12]}"
    connection.execute(f'CREATE DATABASE "{unfinished}"')
    assert _workplace(folder, server, unfinished).run("migrate", "--verbosity", "0").returncode == 0
    connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')


def _workplace(folder: Path, server: str, database: str) -> Workplace:
    environment = {
        **os.environ,
        "DATABASE_URL": server.replace("/postgres?", f"/{database}?"),
        "DJANGO_SETTINGS_MODULE": "canvascast.settings.dev",
        "CANVASCAST_VAR": str(folder / "var"),
        "LEASE_SECONDS": "6",
    }
    return Workplace(folder, environment)
