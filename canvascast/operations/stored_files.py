"""Files in any storage, local or remote, by folder."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.storage import Storage


def files_under(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the names of all files in `folder` and the folders within; hidden folders are the storage's own."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
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
    names = list(files_under(storage, folder))
    for name in names:
        storage.delete(name)
    return len(names)
