"""Files by content, in the storage `generated-assets`, one folder a user."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages

from apps.pipeline.contracts import Blob
from apps.pipeline.providers.errors import Transient

_CHUNK_BYTES = 1 << 20


class UserBlobs:
    """The blob store of one user: equal content is stored once for them and never shared with another user."""

    def __init__(self, user_id: UUID, downloads: Path) -> None:
        self._user_id = user_id
        self._downloads = downloads

    def put(self, path: Path, suffix: str) -> Blob:
        """Store a copy of the file at `path`. Raises Transient("disk_full")."""
        blob = Blob(sha256=_sha256(path), size_bytes=path.stat().st_size, suffix=suffix)
        with path.open("rb") as stream:
            self._save(blob, File(stream))
        return blob

    def put_bytes(self, content: bytes, suffix: str) -> Blob:
        """Store `content`. Raises Transient("disk_full")."""
        blob = Blob(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), suffix=suffix)
        self._save(blob, ContentFile(content))
        return blob

    def fetch(self, blob: Blob) -> Path:
        """Return a local path to read from. Raises Transient("file_missing") when the storage does not have it."""
        name = storage_name(self._user_id, blob)
        storage = _storage()
        if not storage.exists(name):
            raise Transient("file_missing", f"{name} is not in the storage")
        try:
            return Path(storage.path(name))
        except NotImplementedError:
            return self._download(storage, name)

    def _save(self, blob: Blob, content: File[Any]) -> None:  # Any: a stream of bytes
        name = storage_name(self._user_id, blob)
        storage = _storage()
        if storage.exists(name):
            return
        try:
            storage.save(name, content)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Transient("disk_full", str(error)) from error
            raise

    def _download(self, storage: Storage, name: str) -> Path:
        target = self._downloads / name.replace("/", "-")
        if not target.exists():
            partial = target.with_suffix(".partial")
            with storage.open(name) as source, partial.open("wb") as stream:
                shutil.copyfileobj(source, stream, _CHUNK_BYTES)
            partial.replace(target)
        return target


def storage_name(user_id: UUID, blob: Blob) -> str:
    """Return the blob's name in the storage."""
    return f"{user_id}/{blob.sha256[:2]}/{blob.sha256}{blob.suffix}"


def all_present(user_id: UUID, payload: object) -> bool:
    """Tell whether every blob named anywhere in a stored contract is in the storage."""
    storage = _storage()
    return all(storage.exists(storage_name(user_id, blob)) for blob in blobs_in(payload))


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


def _storage() -> Storage:
    return storages["generated-assets"]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
