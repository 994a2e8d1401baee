"""assets.zip: every file of the package, stored without compression and byte for byte the same each time."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a zip can name: the archive must not depend on the clock."""
_UNIX = 3
_CHUNK_BYTES = 1 << 20


def write_archive(target: Path, entries: Iterable[tuple[str, Path]]) -> None:
    """Write the files under their names, in the given order, holding one chunk in memory at a time."""
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, path in entries:
            with path.open("rb") as source, archive.open(_entry(name, path), "w") as stream:
                shutil.copyfileobj(source, stream, _CHUNK_BYTES)


def _entry(name: str, path: Path) -> ZipInfo:
    entry = ZipInfo(name, EPOCH)
    entry.file_size = path.stat().st_size
    entry.create_system = _UNIX
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry
