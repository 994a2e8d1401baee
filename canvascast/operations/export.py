"""All that is kept about a user, as one zip: rows as JSON, files as they are, written while it is read."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import Storage, default_storage
from django.core.serializers.json import DjangoJSONEncoder
from zipstream import ZIP_DEFLATED, ZipStream

from apps.accounts.models import DataExport, User
from canvascast import life_signs
from canvascast.logs import get_logger
from canvascast.operations.personal_rows import StoredFile, rows_of, stored_files_of

log = get_logger("operations")

_CHUNK_BYTES = 1 << 20


def export_zip(user: User) -> ZipStream:
    """Return the zip as an iterator of bytes; nothing is read before it is asked for."""
    archive = ZipStream()
    for name, rows in rows_of(user).items():
        archive.add(_json_lines(rows), f"{name}.json", compress_type=ZIP_DEFLATED)
    for file in stored_files_of(user):
        if file.storage.exists(file.name):
            archive.add(_content(file), file.path)
    return archive


def write_export(user: User, target: IO[bytes]) -> int:
    """Write the user's zip to `target`; return its bytes."""
    return sum(target.write(chunk) for chunk in export_zip(user))


def make_export(*, export_id: UUID, at: datetime) -> None:
    """Make the zip that the user asked for. A second call, or one for an export that is gone, does nothing."""
    export = DataExport.objects.select_related("user").filter(pk=export_id, state=DataExport.State.PENDING).first()
    if export is None or export.expires_at <= at:
        return
    pending = DataExport.objects.filter(pk=export.pk, state=DataExport.State.PENDING)
    try:
        name = _store(default_storage, f"exports/{export.pk}.zip", export_zip(export.user))
    except Exception:
        pending.update(state=DataExport.State.FAILED)
        raise
    pending.update(state=DataExport.State.READY, storage_name=name)
    if not DataExport.objects.filter(pk=export.pk, storage_name=name).exists():
        default_storage.delete(name)
    log.info("exported", userId=str(export.user_id))


def _store(storage: Storage, name: str, chunks: Iterable[bytes]) -> str:
    return storage.save(name, File(io.BufferedReader(_ChunkReader(chunks), _CHUNK_BYTES), name))


class _ChunkReader(io.RawIOBase):
    """An iterator of bytes as a file that storages read from, so that no whole zip is ever held."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # Any: typeshed's WriteableBuffer
        while not self._rest:
            life_signs.show()
            try:
                self._rest = next(self._chunks)
            except StopIteration:
                return 0
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:  # Any: column values
    separator = "[\n"
    for row in rows:
        yield (separator + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)).encode()
        separator = ",\n"
    yield b"[]\n" if separator == "[\n" else b"\n]\n"


def _content(file: StoredFile) -> Iterator[bytes]:
    with file.storage.open(file.name) as stream:
        yield from stream.chunks(_CHUNK_BYTES)
