"""The backup command as a process: stopped in the middle, and what it tells PostgreSQL's programs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.workplace import Workplace, opened_workplace

PASSWORD = "canary-of-the-password"  # pragma: allowlist secret
_DUMPING = """#!/bin/sh
[ "$1" = --version ] && { echo "pg_dump (PostgreSQL) MAJOR.0"; exit; }
echo "$@" > NOTES/arguments
echo "$PGPASSWORD" > NOTES/password
for one in "$@"; do case $one in --file=*) echo half > "${one#--file=}";; esac; done
echo $$ > NOTES/pid
exec sleep 60
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Where pg_dump writes half a dump and then takes a minute."""
    folder = tmp_path_factory.mktemp("stopped")
    with opened_workplace(folder) as opened:
        with psycopg.connect(opened.environment["DATABASE_URL"]) as connection:
            major = str(connection.info.server_version // 10_000)
        (folder / "bin").mkdir()
        for name in ("pg_dump", "pg_restore"):
            program = folder / "bin" / name
            program.write_text(_DUMPING.replace("MAJOR", major).replace("NOTES", str(folder)))
            program.chmod(0o755)
        slow = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PGPASSWORD": PASSWORD}
        yield replace(opened, environment={**opened.environment, **slow})


@pytest.mark.parametrize(
    ("signal_number", "left"),
    [(signal.SIGKILL, 1), pytest.param(signal.SIGINT, 0, marks=pytest.mark.slow)],
)
def test_stopped_backup_is_none_and_in_nobodys_way(place: Workplace, signal_number: int, left: int):
    (place.folder / "pid").unlink(missing_ok=True)
    command = place.start("backup")
    dumping = pid_in(place.folder / "pid")

    command.send_signal(signal_number)
    said, complained = command.communicate(timeout=20)

    backups = place.var / "backups"
    assert command.returncode != 0
    assert len(list(backups.glob(".unfinished-*"))) == left
    assert [path.name for path in backups.iterdir() if not path.name.startswith(".")] == []
    assert PASSWORD not in said + complained
    end(dumping)
    usual = replace(place, environment={**place.environment, "PATH": os.environ["PATH"]})
    assert usual.run("backup", "--json").returncode == 0
    assert list(backups.glob(".unfinished-*")) == []
    (whole,) = [path for path in backups.iterdir() if not path.name.startswith(".")]
    whole.rename(place.folder / f"whole-{signal_number}")


def test_password_is_in_the_environment_and_in_no_argument(place: Workplace):
    url = place.environment["DATABASE_URL"].replace("postgres:@", f"postgres:{PASSWORD}@")
    quiet = {name: value for name, value in place.environment.items() if name != "PGPASSWORD"}
    (place.folder / "pid").unlink(missing_ok=True)
    command = replace(place, environment={**quiet, "DATABASE_URL": url}).start("backup")
    end(pid_in(place.folder / "pid"))

    said, complained = command.communicate(timeout=20)

    assert (place.folder / "password").read_text().strip() == PASSWORD
    assert PASSWORD not in (place.folder / "arguments").read_text()
    assert command.returncode == 1
    assert "pg_dump failed" in complained
    assert PASSWORD not in said + complained


def pid_in(file: Path) -> int:
    deadline = time.monotonic() + 30
    while not (file.exists() and file.read_text().strip()):
        assert time.monotonic() < deadline, "pg_dump was not started"
        time.sleep(0.05)
    return int(file.read_text())


def end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
