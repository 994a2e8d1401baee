"""One small video, made once for the module by the real command, with a real worker, in a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from canvascast.env import ROOT

TRANSCRIPT = """A lighthouse stands on the cliff. In 1998, it cost $3.5 million to repair!

Sailors trust its light, even in the worst storms. Dr. Hall says it will outlive us all."""


@dataclass(frozen=True)
class Workplace:
    """A folder and a database in which commands run."""

    folder: Path
    environment: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = self.start(*arguments)
        stdout, stderr = command.communicate(timeout=280)
        return subprocess.CompletedProcess(arguments, command.returncode, stdout, stderr)

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(sql, parameters).fetchall()


@dataclass(frozen=True)
class MadeVideo:
    """What the command printed, and the unpacked package."""

    facts: dict
    package: Path

    def file(self, name: str) -> Path:
        return self.package / name

    def json(self, name: str) -> dict:
        return json.loads(self.file(name).read_text())


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    name = f"flow_{uuid.uuid4().hex[:12]}"
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    folder = tmp_path_factory.mktemp("flow")
    environment = {
        **os.environ,
        "DATABASE_URL": server.replace("/postgres?", f"/{name}?"),
        "DJANGO_SETTINGS_MODULE": "canvascast.settings.dev",
        "CANVASCAST_VAR": str(folder / "var"),
        "LEASE_SECONDS": "6",
    }
    place = Workplace(folder, environment)
    assert place.run("migrate", "--verbosity", "0").returncode == 0
    yield place
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def video(workplace: Workplace) -> MadeVideo:
    (workplace.folder / "script.txt").write_text(TRANSCRIPT)
    return make(workplace, "--script", "script.txt", "--shape", "1:1", "--music", "ambient", "--out", "made.mp4")


def make(workplace: Workplace, *arguments: str) -> MadeVideo:
    result = workplace.run("make_video", *arguments, "--json")
    assert result.returncode == 0, result.stderr[-3000:]
    return unpack(workplace, json.loads(result.stdout))


def unpack(workplace: Workplace, facts: dict) -> MadeVideo:
    folder = workplace.folder / f"package-{facts['job_id'][:8]}"
    with zipfile.ZipFile(workplace.folder / facts["package"]) as archive:
        archive.extractall(folder)
    return MadeVideo(facts, folder)
