"""Files in any storage, local or remote, by folder, and in folders of this machine. Others delete some meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.core.files.storage import Storage

from canvascast import life_signs
from canvascast.storages import many_files


def files_under(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the names of all files in `folder` and the folders within; hidden folders are the storage's own."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    life_signs.show()
    for name in files:
        if name:
            yield prefix + name
    for name in folders:
        if name and not name.startswith("."):
            yield from files_under(storage, prefix + name)


def folders_in(storage: Storage) -> list[str]:
    """Return the names of the folders at the top of the storage."""
    try:
        folders, _ = storage.listdir("")
    except FileNotFoundError:
        return []
    return [name for name in folders if name and not name.startswith(".")]


def delete_folder(storage: Storage, folder: str) -> int:
    """Delete every file under `folder`; return how many there were."""
    names, at_once = list(files_under(storage, folder)), many_files(storage).most_at_once
    for first in range(0, len(names), at_once):
        many_files(storage).delete_all(names[first : first + at_once])
        life_signs.show()
    return len(names)


def size_if_there(storage: Storage, name: str) -> int:
    """Return the file's bytes; 0 for one that is gone."""
    try:
        return storage.size(name)
    except FileNotFoundError:
        return 0


def old_paths(paths: Iterable[Path], before: datetime) -> Iterator[tuple[Path, int]]:
    """Yield those that were last written before that moment, with their sizes in bytes."""
    for path in paths:
        with suppress(FileNotFoundError):
            found = path.stat()
            if found.st_mtime < before.timestamp():
                yield path, found.st_size


def size_of_files(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder and the folders within."""
    inside = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    size_bytes = 0
    for file in [path] if path.is_file() else inside:
        with suppress(FileNotFoundError):
            size_bytes += file.stat().st_size
    return size_bytes
