"""A real disk of a few megabytes that can be filled up to a few bytes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own at `folder`."""

    folder: Path

    @property
    def free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    @contextmanager
    def filled(self, *, but: int) -> Iterator[None]:
        """Leave `but` bytes, rounded to pages, while the block runs."""
        ballast = self.folder / ".ballast"
        size = self.free_bytes - but // _PAGE * _PAGE
        with ballast.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, size)
        try:
            yield
        finally:
            ballast.unlink()


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """Mount it; skips the test where that is not permitted."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
