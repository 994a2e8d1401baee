"""Scratch folders: each belongs to the process that holds its lock, and to nobody once that process is gone.

The kernel gives the lock up however the process ends, and also in a container on the same mount, whose pids mean
nothing here.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from canvascast.logs import get_logger

log = get_logger("worker")

_LOCK = ".held"
_UNFINISHED, _HELD = "new-", "work-"
# A folder without a lock is one that is being made, or was left by a version before locks. No work takes as long.
_UNHELD_SECONDS = 24 * 3600.0


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Lend a folder to the block; it is deleted afterwards, or by `clear_scratch` when this process is killed."""
    settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=settings.SCRATCH_DIR, prefix=_UNFINISHED))
    folder = made.with_name(_HELD + made.name.removeprefix(_UNFINISHED))
    try:
        with (made / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Only now can it be seen by whoever looks for folders that nobody holds.
            made.rename(folder)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def clear_scratch() -> int:
    """Delete the scratch folders of processes that are gone: a killed one cannot do it itself. Returns how many."""
    cleared = sum(_clear_unless_held(folder) for folder in settings.SCRATCH_DIR.glob("*") if folder.is_dir())
    if cleared:
        log.info("scratch_cleared", folders=cleared)
    return cleared


def is_in_use(folder: Path) -> bool:
    """Tell whether a process holds this folder."""
    with suppress(FileNotFoundError, NotADirectoryError), (folder / _LOCK).open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _clear_unless_held(folder: Path) -> bool:
    # What another service deletes meanwhile, or nobody can, must not end this one.
    with suppress(OSError):
        if folder.name.startswith(_HELD) and (folder / _LOCK).exists():
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_ours = (folder / _LOCK).exists()
                shutil.rmtree(folder, ignore_errors=True)
                return is_ours
        if folder.stat().st_mtime < time.time() - _UNHELD_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
            return True
    return False
