"""A PostgreSQL of the test's own that listens on TCP, as between machines."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from canvascast.embedded.postgres import embedded_database
from tests.hosts.network import SUBNET

PORT = 5432


@contextlib.contextmanager
def tcp_database(folder: Path, address: str) -> Iterator[str]:
    """Run an empty server on `address`, open to the subnet of the test; yield its DATABASE_URL."""
    with embedded_database(folder) as url, psycopg.connect(url) as connection:
        data, sockets, programs = (
            Path(connection.execute(f"SELECT setting FROM {where}").fetchone()[0])
            for where in (
                "pg_settings WHERE name = 'data_directory'",
                "pg_settings WHERE name = 'unix_socket_directories'",
                "pg_config WHERE name = 'BINDIR'",
            )
        )
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {SUBNET}.0/24 trust\n")
    pg_ctl = [str(programs / "pg_ctl"), "-w", "-D", str(data)]
    listening = f"-h {address} -p {PORT} -k {sockets}"
    _as_owner(data, [*pg_ctl, "-l", str(data / "log"), "-o", listening, "start"])
    try:
        yield f"postgresql://postgres@{address}:{PORT}/postgres"
    finally:
        _as_owner(data, [*pg_ctl, "-m", "immediate", "stop"])


def _as_owner(data: Path, command: list[str]) -> None:
    user = data.owner() if os.geteuid() == 0 else None
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, timeout=60)
