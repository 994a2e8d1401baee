from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from canvascast.env import ROOT


@dataclass(frozen=True)
class EmptyDatabase:
    """A database of its own in which commands run."""

    url: str

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "DATABASE_URL": self.url},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def empty_database() -> Iterator[EmptyDatabase]:
    server = os.environ["DATABASE_URL"]
    name = f"boot_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield EmptyDatabase(urlunsplit(urlsplit(server)._replace(path=f"/{name}")))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
