"""Whether the files of finished videos are where their rows say, and what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import islice

from django.core.files.storage import Storage, storages

from apps.pipeline.models import Asset
from apps.pipeline.states import JobState
from canvascast.operations.invariants import Finding

_DELIVERED = Asset.objects.filter(expired_at__isnull=True, job__state=JobState.READY)
_NIGHTS = 7
_QUESTIONS_AT_ONCE = 16
_BATCH = 500
_CHUNK_BYTES = 1 << 20


def file_findings(*, deep: bool, night: date | None = None) -> Iterator[Finding]:
    """Find assets of READY jobs that are missing; `deep` reads every file and compares its hash.

    Of a `night` it reads a seventh of them, so that a week of nights reads all. What its owner deletes meanwhile is
    not missed. Raises StorageUnavailable when the storage does not answer.
    """
    look = partial(_fault, storages["generated-assets"])
    with ThreadPoolExecutor(_QUESTIONS_AT_ONCE) as pool:
        for assets in _batches():
            reads = [deep and (night is None or _is_read_on(night, asset)) for asset in assets]
            for asset, fault in zip(assets, pool.map(look, assets, reads), strict=True):
                if fault and _is_still_delivered(asset):
                    yield Finding("I5", "asset", str(asset.pk), f"{asset.filename} of job {asset.job_id} {fault}")


def _batches() -> Iterator[list[Asset]]:
    live = _DELIVERED.iterator(_BATCH)
    while batch := list(islice(live, _BATCH)):
        yield batch


def _is_read_on(night: date, asset: Asset) -> bool:
    """A hash is as good as a die, and falls alike each week."""
    return (int(asset.sha256[:8] or "0", 16) - night.toordinal()) % _NIGHTS == 0


def _is_still_delivered(asset: Asset) -> bool:
    """Whoever deletes a file takes it off the books first."""
    return _DELIVERED.filter(pk=asset.pk).exists()


def _fault(storage: Storage, asset: Asset, is_read: bool) -> str:
    try:
        if not storage.exists(asset.storage_name):
            return "is missing"
        if is_read and _sha256(storage, asset.storage_name) != asset.sha256:
            return "has another content"
    except FileNotFoundError:
        return "is missing"
    return ""


def _sha256(storage: Storage, name: str) -> str:
    digest = hashlib.sha256()
    with storage.open(name) as stream:
        for chunk in stream.chunks(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
