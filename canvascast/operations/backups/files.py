"""The files of all storages: copied into a backup, or only listed where a bucket keeps them, and brought back."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from canvascast.object_storage import BucketStorage
from canvascast.operations.backups.folder import Backup, StoredFile, sha256_of
from canvascast.operations.backups.progress import Say, counted
from canvascast.operations.stored_files import files_under

KEPT = ("default", "generated-assets", "voice-samples")
"""The storages in a backup; in `temp-processing` nothing is worth a day."""
Which = Callable[[StoredFile], bool]
_CHUNK_BYTES = 1 << 20
_CANNOT_LINK = (errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP)


def files_are_in() -> str:
    """Return "folders" or "bucket", whichever has the files."""
    return "folders" if isinstance(storages[KEPT[0]], FileSystemStorage) else "bucket"


def save_files(backup: Backup, previous: Backup | None, say: Say) -> list[StoredFile]:
    """Copy every file, or list what a bucket has, and write the list.

    What the previous backup has unchanged is linked from there, never from the storage: a file that is damaged in
    the storage stays well here. One deleted meanwhile is left out. Raises OSError.
    """
    known = {(one.storage, one.name): one for one in previous.files()} if previous else {}
    saved = []
    handle = os.open(backup.list, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as lines:
        for stored in counted(_saved(backup, previous, known), "files", say):
            lines.write(json.dumps(asdict(stored)) + "\n")
            saved.append(stored)
    return saved


def bring_back(backup: Backup, say: Say, without: Which = lambda stored: False) -> tuple[int, list[str]]:
    """Put every file but some into its storage, where that has not the same. Raises OSError.

    Returns how many there were, and the names of those that the backup itself has lost or damaged, which are left out.
    """
    number, damaged = 0, []
    for stored in counted(backup.files(), "files", say):
        storage, source = storages[stored.storage], backup.file(stored)
        if without(stored) or _has(storage, stored):
            continue
        if not source.is_file() or sha256_of(source) != stored.sha256:
            damaged.append(f"{stored.storage}/{stored.name}")
            continue
        with source.open("rb") as stream:
            storage.save(stored.name, File(stream))
        number += 1
    return number, damaged


def not_in_bucket(backup: Backup, without: Which = lambda stored: False) -> list[str]:
    """Return the listed files, but some, that the bucket does not have in that size. Raises StorageUnavailable."""
    there = {alias: dict(_in_bucket(alias)) for alias in KEPT}
    wanted = (one for one in backup.files() if not without(one))
    return [one.name for one in wanted if there[one.storage].get(one.name) != one.size_bytes]


def _has(storage: Storage, stored: StoredFile) -> bool:
    """A local file is read; of one in a bucket the size must do."""
    if not storage.exists(stored.name) or storage.size(stored.name) != stored.size_bytes:
        return False
    return not isinstance(storage, FileSystemStorage) or sha256_of(Path(storage.path(stored.name))) == stored.sha256


def _saved(backup: Backup, previous: Backup | None, known: dict[tuple[str, str], StoredFile]) -> Iterator[StoredFile]:
    for alias in KEPT:
        storage = storages[alias]
        if not isinstance(storage, FileSystemStorage):
            yield from (StoredFile(alias, name, size_bytes) for name, size_bytes in _in_bucket(alias))
            continue
        for name in files_under(storage):
            try:
                yield _copy(backup, previous, known.get((alias, name)), alias, name, Path(storage.path(name)))
            except FileNotFoundError:
                if Path(storage.path(name)).exists():
                    raise


def _in_bucket(alias: str) -> Iterator[tuple[str, int]]:
    storage = storages[alias]
    if not isinstance(storage, BucketStorage):
        raise TypeError(f"{alias} is neither a folder nor a bucket")
    return storage.names_and_sizes()


def _copy(
    backup: Backup, previous: Backup | None, before: StoredFile | None, alias: str, name: str, source: Path
) -> StoredFile:
    with source.open("rb") as stream:
        status = os.fstat(stream.fileno())
        target = backup.file(StoredFile(alias, name, status.st_size))
        _make_folders(target.parent, backup.path)
        is_same = before and (before.size_bytes, before.mtime_ns) == (status.st_size, status.st_mtime_ns)
        if previous and before and is_same and _link(previous.file(before), target, before.size_bytes):
            return before
        digest = hashlib.sha256()
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as copy:
            size_bytes = 0
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += copy.write(chunk)
    return StoredFile(alias, name, size_bytes, status.st_mtime_ns, digest.hexdigest())


def _link(source: Path, target: Path, size_bytes: int) -> bool:
    try:
        if source.stat().st_size == size_bytes:
            os.link(source, target)
            return True
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
    return False


def _make_folders(folder: Path, top: Path) -> None:
    """As `mkdir(parents=True)`, which would leave the parents open to others."""
    if folder != top and not folder.is_dir():
        _make_folders(folder.parent, top)
        folder.mkdir(mode=0o700)
