"""Files by content, in the storage `generated-assets`, one folder a user."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

from apps.pipeline.contracts import Blob
from apps.pipeline.lost_work import note_lost_work
from apps.pipeline.providers.errors import Transient
from apps.pipeline.storing import WRITTEN_AGAIN_AFTER, storing
from canvascast.storages import StorageUnavailable, is_disk_full

_CHUNK_BYTES = 1 << 20
_QUESTIONS_AT_ONCE = 16
_READINGS = 2


class _Damaged(Exception):
    """What the storage has under a name is not the content of that name."""


class UserBlobs:
    """The blob store of one user: equal content is stored once for them and never shared with another user.

    `is_patient`, what is to be stored was paid for, so an outage of the database is outlasted. `before_saving` is
    called while whoever deletes the user's files has to wait, and raises when the file is wanted no more.
    """

    def __init__(
        self,
        user_id: UUID,
        downloads: Path,
        *,
        is_patient: bool = False,
        before_saving: Callable[[], None] = lambda: None,
    ) -> None:
        self._user_id = user_id
        self._downloads = downloads
        self._is_patient = is_patient
        self._before_saving = before_saving

    def put(self, path: Path, suffix: str) -> Blob:
        """Store a copy of the file at `path`. Raises Transient("disk_full") or ("storage_unavailable")."""
        blob = Blob(sha256=_sha256(path), size_bytes=path.stat().st_size, suffix=suffix)
        with path.open("rb") as stream:
            self._save(blob, File(stream))
        return blob

    def put_bytes(self, content: bytes, suffix: str) -> Blob:
        """Store `content`. Raises Transient as `put` does."""
        blob = Blob(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), suffix=suffix)
        self._save(blob, ContentFile(content))
        return blob

    def fetch(self, blob: Blob) -> Path:
        """Return a local path to read from.

        Raises Transient("file_missing") when the storage does not have it, and ("file_damaged") when what came from a
        remote one is another content: then what needs it, and whatever else of those videos and of the user's newer
        ones is gone, is noted as lost, so that the next job makes it anew. Raises Transient("storage_unavailable").
        """
        name = storage_name(self._user_id, blob)
        try:
            with storage_trouble():
                return _local_path(name) or self._download(name, blob)
        except FileNotFoundError as error:
            self._note_lost_work(blob)
            raise Transient("file_missing", f"{name} is not in the storage") from error
        except _Damaged as error:
            self._note_lost_work(blob)
            raise Transient("file_damaged", f"{name} has another content in the storage") from error

    def _note_lost_work(self, blob: Blob) -> None:
        with storage_trouble():
            note_lost_work(self._user_id, blob, lambda payloads: _are_present(self._user_id, payloads))

    def _save(self, blob: Blob, content: File[Any]) -> None:  # Any: a stream of bytes
        name = storage_name(self._user_id, blob)
        with storage_trouble(), storing(self._user_id, is_patient=self._is_patient):
            self._before_saving()
            if not _was_just_written(name):
                _storage().save(name, content)

    def _download(self, name: str, blob: Blob) -> Path:
        target = self._downloads / name.replace("/", "-")
        if not target.exists():
            self._read_whole(name, blob).replace(target)
        return target

    def _read_whole(self, name: str, blob: Blob) -> Path:
        """Return a copy that has the blob's content. Raises _Damaged when it was read twice and had another."""
        for _ in range(_READINGS):
            copy = self._read(name)
            if _sha256(copy) == blob.sha256:
                return copy
            copy.unlink()
        raise _Damaged(name)

    def _read(self, name: str) -> Path:
        with _storage().open(name) as source:
            handle, copy = tempfile.mkstemp(dir=self._downloads)
            with os.fdopen(handle, "wb") as stream:
                shutil.copyfileobj(source, stream, _CHUNK_BYTES)
        return Path(copy)


@contextmanager
def needing_room() -> Iterator[None]:
    """Raise Transient("disk_full") for what found no room on the disk."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise Transient("disk_full", str(error)) from error
        raise


@contextmanager
def storage_trouble() -> Iterator[None]:
    """Raise Transient("storage_unavailable") or ("disk_full") for what hinders reading and writing of stored files."""
    try:
        with needing_room():
            yield
    except StorageUnavailable as error:
        raise Transient("storage_unavailable", str(error)) from error


def storage_name(user_id: UUID, blob: Blob) -> str:
    """Return the blob's name in the storage."""
    return f"{user_id}/{blob.sha256[:2]}/{blob.sha256}{blob.suffix}"


def may_be_present(user_id: UUID, payload: object) -> bool:
    """Tell whether the blobs named anywhere in a stored contract are there, as far as that can be told at once.

    Local files are looked at. A remote storage is not asked, for this is called while rows are locked: its files count
    as present until `fetch` finds one missing.
    """
    try:
        for blob in blobs_in(payload):
            _local_path(storage_name(user_id, blob))
    except FileNotFoundError:
        return False
    return True


def is_stored(name: str) -> bool:
    """Tell whether the file of that storage name is there; one in a remote storage counts as there."""
    try:
        _local_path(name)
    except FileNotFoundError:
        return False
    return True


def is_kept(user_id: UUID, blob: Blob, *, asks: bool) -> bool:
    """Tell whether the file that a user sent is still there, for `prune` deletes what no video was ordered with.

    Without `asks` a remote storage is not asked, and its files count as there. Raises Transient("storage_unavailable").
    """
    name = storage_name(user_id, blob)
    if not asks:
        return is_stored(name)
    with storage_trouble():
        return _storage().exists(name)


def blobs_in(payload: object) -> Iterator[Blob]:
    """Find the blobs in a contract's JSON."""
    if isinstance(payload, dict):
        if payload.keys() == {"sha256", "size_bytes", "suffix"}:
            yield Blob(**payload)
            return
        payload = list(payload.values())
    if isinstance(payload, list):
        for item in payload:
            yield from blobs_in(item)


def _local_path(name: str) -> Path | None:
    """Return the file's path, or None when the storage keeps no local files. Raises FileNotFoundError."""
    try:
        path = Path(_storage().path(name))
    except NotImplementedError:
        return None
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    return path


def _was_just_written(name: str) -> bool:
    """Tell so of a local file. What a remote storage has may be damaged, so it is written without a question."""
    try:
        path = _local_path(name)
        return path is not None and path.stat().st_mtime > time.time() - WRITTEN_AGAIN_AFTER.total_seconds()
    except FileNotFoundError:
        return False


def _are_present(user_id: UUID, payloads: list[object]) -> list[bool]:
    """Ask the storage about every blob of these contracts, several at once."""
    named = [[storage_name(user_id, blob) for blob in blobs_in(payload)] for payload in payloads]
    names = list({name for names in named for name in names})
    with ThreadPoolExecutor(_QUESTIONS_AT_ONCE) as pool:
        found = dict(zip(names, pool.map(_storage().exists, names), strict=True))
    return [all(found[name] for name in names) for names in named]


def _storage() -> Storage:
    return storages["generated-assets"]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
