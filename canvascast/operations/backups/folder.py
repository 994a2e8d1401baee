"""What a backup looks like on disk, and which of those in a folder are whole.

20261129T063000Z/           named by the moment of its snapshot, in UTC; it appears whole, by a rename
    manifest.json           what is in it, with hashes of the two below
    database.dump           pg_dump's custom format
    files.jsonl             a line for each file: storage, name, size, time, hash
    files/<storage>/<name>  the files themselves, unless they live in a bucket
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

from canvascast.operations.backups.trouble import BackupRefused, BackupTrouble

FORMAT = 1
_WHOLE = re.compile(r"\d{8}T\d{6}Z")
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class StoredFile:
    """One file of one storage; a bucket's has no hash here, and its time is not looked at."""

    storage: str
    name: str
    size_bytes: int
    mtime_ns: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: which program wrote it, what the snapshot had, what the dump and the files add up to."""

    format: int
    taken_at: str
    program: str
    commit: str
    server: str
    migrations: list[str]
    rows: dict[str, int]
    dump_bytes: int
    dump_sha256: str
    files_in: str
    files: int
    files_bytes: int
    files_sha256: str
    missing: list[str] = field(default_factory=list)
    """Delivered files that rows of the snapshot name and that no storage had when the files were read."""
    lost: list[str] = field(default_factory=list)
    """Those of them that were still to be had by the rows afterwards: nobody deleted them meanwhile."""


@dataclass(frozen=True)
class Backup:
    """The folder of one backup."""

    path: Path

    @property
    def dump(self) -> Path:
        return self.path / "database.dump"

    @property
    def list(self) -> Path:
        return self.path / "files.jsonl"

    def file(self, stored: StoredFile) -> Path:
        return self.path / "files" / stored.storage / stored.name

    def files(self) -> Iterator[StoredFile]:
        """Yield the files that are listed. Raises BackupTrouble when the list cannot be read."""
        try:
            with self.list.open(encoding="utf-8") as lines:
                for line in lines:
                    yield StoredFile(**json.loads(line))
        except (OSError, ValueError, TypeError) as error:
            raise BackupTrouble(f"{self.list} cannot be read ({type(error).__name__}).") from error

    def manifest(self) -> Manifest:
        """Return what the backup says it holds. Raises BackupTrouble when it does not say so."""
        path = self.path / "manifest.json"
        try:
            # Older ones say nothing of what was lost.
            told = {"lost": []} | json.loads(path.read_text(encoding="utf-8"))
            manifest = Manifest(**{one.name: told[one.name] for one in fields(Manifest)})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BackupTrouble(f"{path} cannot be read ({type(error).__name__}): this is no whole backup.") from error
        if manifest.format != FORMAT:
            raise BackupTrouble(f"{self.path} was written in format {manifest.format}; this program reads {FORMAT}.")
        return manifest

    def write_manifest(self, manifest: Manifest) -> None:
        handle = os.open(self.path / "manifest.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(asdict(manifest), stream, indent=1)


def whole_backups(folder: Path) -> list[Backup]:
    """Return the whole backups in `folder`, the oldest first."""
    if not folder.is_dir():
        return []
    return [Backup(path) for path in sorted(folder.iterdir()) if _WHOLE.fullmatch(path.name) and path.is_dir()]


def backup_named(name: str, folder: Path) -> Backup:
    """Return the backup at the path `name` or of that name in `folder`, the newest one for no name.

    Raises BackupRefused when there is none.
    """
    if not name:
        whole = whole_backups(folder)
        if not whole:
            raise BackupTrouble(f"There is no backup in {folder}.")
        return whole[-1]
    for path in (Path(name), folder / name):
        if path.is_dir():
            return Backup(path.resolve())
    raise BackupRefused(f"There is no backup {name}, neither as a path nor in {folder}.")


def name_at(at: datetime) -> str:
    """Return what a backup of that moment is called."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def begin(folder: Path, name: str) -> Backup:
    """Make the folder of a backup that is not whole yet."""
    path = folder / f"{_UNFINISHED}{name}"
    path.mkdir(mode=0o700)
    return Backup(path)


def finish(backup: Backup) -> Backup:
    """Bring everything to the disk, then give the backup its name."""
    for path in [backup.path, *backup.path.rglob("*")]:
        sync(path)
    whole = backup.path.with_name(backup.path.name.removeprefix(_UNFINISHED))
    backup.path.rename(whole)
    sync(whole.parent)
    return Backup(whole)


def delete(backup: Backup) -> None:
    """Delete a backup; stopped half-way, it is not taken for a whole one."""
    gone = backup.path.with_name(f"{_UNFINISHED}{backup.path.name}.old")
    shutil.rmtree(gone, ignore_errors=True)
    backup.path.rename(gone)
    shutil.rmtree(gone)


def clear_unfinished(folder: Path) -> int:
    """Delete what stopped backups left; only for who holds the folder's lock. Returns how many."""
    left = list(folder.glob(f"{_UNFINISHED}*"))
    for path in left:
        shutil.rmtree(path)
    return len(left)


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
