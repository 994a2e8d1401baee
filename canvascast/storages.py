"""File storage that never shows half a file."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

# No write takes as long as this: what is older was left by a process that was killed.
_ABANDONED_AFTER = timedelta(days=1)

DELIVERED = "generated-assets"
PRIVATE_STORAGES = (DELIVERED, "voice-samples", "temp-processing")
LINK_SECONDS = 15 * 60
"""How long a link to a private file works."""


class StorageUnavailable(OSError):
    """The storage could not be reached or refused to answer; trying again may help."""


class ManyFiles(Protocol):
    """What storages of both kinds do to many files, in pieces of `most_at_once`, which take a moment."""

    most_at_once: ClassVar[int]

    def delete_all(self, names: Sequence[str]) -> None:
        """Delete these files; one that is gone is no error. Raises StorageUnavailable, with some deleted."""

    def older_of(self, names: Sequence[str], than: datetime) -> tuple[list[str], int]:
        """Look at the first of these sorted names, at one at least.

        Returns those of them that were last written before that moment, and how many were looked at.
        """


def many_files(storage: Storage) -> ManyFiles:
    """Return a storage of ours as what it does to many files."""
    return cast("ManyFiles", storage)


def is_disk_full(error: BaseException) -> bool:
    """Tell whether there was no room to write, on the disk or in what this user may have of it."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def clear_abandoned() -> int:
    """Delete the half files that killed processes left in the local storages. Returns how many."""
    local = [storages[alias] for alias in ("default", *PRIVATE_STORAGES)]
    return sum(storage.clear_abandoned() for storage in local if isinstance(storage, DurableStorage))


class DurableStorage(FileSystemStorage):
    """Local files, written apart from the others, synced and renamed: a name exists only with its whole content.

    A file that was saved outlives a loss of power, for its folders are synced too: a row may name it.
    """

    most_at_once = 100

    def delete_all(self, names: Sequence[str]) -> None:
        """Delete these files; one that is gone is no error."""
        for name in names:
            self.delete(name)

    def older_of(self, names: Sequence[str], than: datetime) -> tuple[list[str], int]:
        """As `ManyFiles` has it."""
        looked_at = names[: self.most_at_once]
        return [name for name in looked_at if is_older(self, name, than)], len(looked_at)

    def clear_abandoned(self) -> int:
        """Delete files of which nothing was written for a day. Returns how many."""
        return sum(_delete_if_abandoned(path) for path in self.half_files())

    def half_files(self) -> Iterator[Path]:
        """Yield the files that are being written, and those that killed processes left so."""
        return self._incoming_folder().glob("*")

    def _save(self, name: str, content: File[Any]) -> str:  # Any: bytes or text, as Django's own signature
        target = Path(self.path(name))
        _make_folder(target.parent)
        # One folder for all, so that what a killed process leaves is found without a walk through the storage.
        self._incoming_folder().mkdir(exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._incoming_folder())
        try:
            with os.fdopen(handle, "wb") as stream:
                for chunk in content.chunks():
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
            _sync_folder(target.parent)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return name

    def _incoming_folder(self) -> Path:
        return Path(self.location) / ".incoming"


def is_older(storage: Storage, name: str, than: datetime) -> bool:
    """Tell whether the file was last written before that moment; one that is gone was not."""
    try:
        return bool(storage.get_modified_time(name) < than)
    except FileNotFoundError:
        return False


def _make_folder(folder: Path) -> None:
    """Make it with all that it lies in, each of them in its own parent for good."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    """Have the disk know which names are in it."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _delete_if_abandoned(path: Path) -> bool:
    # Another worker may have deleted it, and what cannot be deleted must not end a worker.
    with contextlib.suppress(OSError):
        if path.stat().st_mtime < time.time() - _ABANDONED_AFTER.total_seconds():
            path.unlink()
            return True
    return False
