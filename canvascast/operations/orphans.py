"""Files that no row tells of: left by work that was stopped between writing a file and storing its row."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.core.files.storage import Storage, storages

from apps.accounts.models import DataExport, Profile
from apps.pipeline.blobs import blobs_in, storage_name
from apps.pipeline.lost_work import kept_results
from apps.pipeline.models import Asset, Job, VoiceSample
from apps.pipeline.storing import ROW_FOLLOWS_WITHIN, deleting
from canvascast import life_signs
from canvascast.operations.backups.databases import kept_databases
from canvascast.operations.stored_files import files_under, folders_in, size_if_there
from canvascast.storages import is_older

T = TypeVar("T")
_BATCH = 500


@dataclass(frozen=True)
class Orphan:
    """`user_id` is that of somebody whose steps may store the same file again."""

    storage: Storage
    name: str
    size_bytes: int
    user_id: UUID | None = None


def orphans(at: datetime, *, until: float = math.inf) -> Iterator[Orphan]:
    """Yield the files that nothing refers to and that were written more than a day before `at`.

    When the monotonic clock has come to `until`, nobody else's folder is begun. While a database that made way in a
    restore is kept, only temporary files are: what only its rows refer to is what it is kept for.
    """
    yield from _old(storages["temp-processing"], files_under(storages["temp-processing"]), at)
    if kept_databases():
        return
    for user_folder in folders_in(storages["generated-assets"]):
        if time.monotonic() > until:
            return
        yield from _orphans_of(user_folder, at)
    for alias, folder, known in _BY_NAME:
        storage = storages[alias]
        yield from _old(storage, _unknown(files_under(storage, folder), known), at)


def delete_orphan(orphan: Orphan, *, at: datetime) -> bool:
    """Delete it, unless it was written anew since it was found or its user stores something just now."""
    with deleting(orphan.user_id) if orphan.user_id else nullcontext(True) as is_alone:
        if not is_alone or not is_older(orphan.storage, orphan.name, at - ROW_FOLLOWS_WITHIN):
            return False
        orphan.storage.delete(orphan.name)
        return True


def _orphans_of(folder: str, at: datetime) -> Iterator[Orphan]:
    """Rows are read once for all files of the folder, and again for those that then look like orphans."""
    storage = storages["generated-assets"]
    try:
        user_id = UUID(folder)
    except ValueError:
        yield from _old(storage, files_under(storage, folder), at)
        return
    known = _names_of_user(user_id)
    strays = _old(storage, (name for name in files_under(storage, folder) if name not in known), at, user_id)
    for batch in _batches(strays):
        known = _names_of_user(user_id)
        yield from (orphan for orphan in batch if orphan.name not in known)


def _names_of_user(user_id: UUID) -> set[str]:
    payloads = kept_results(user_id).values_list("payload", flat=True)
    briefs = Job.objects.filter(user_id=user_id).values_list("brief", flat=True)
    named = {
        storage_name(user_id, blob) for rows in (payloads, briefs) for row in rows.iterator() for blob in blobs_in(row)
    }
    assets = Asset.objects.filter(job__user_id=user_id, expired_at__isnull=True)
    return named | set(assets.values_list("storage_name", flat=True))


def _known_samples(names: Iterable[str]) -> set[str]:
    return set(VoiceSample.objects.filter(storage_name__in=names).values_list("storage_name", flat=True))


def _known_avatars(names: Iterable[str]) -> set[str]:
    return set(Profile.objects.filter(avatar__in=names).values_list("avatar", flat=True))


def _known_exports(names: Iterable[str]) -> set[str]:
    return set(DataExport.objects.filter(storage_name__in=names).values_list("storage_name", flat=True))


_BY_NAME: tuple[tuple[str, str, Callable[[Iterable[str]], set[str]]], ...] = (
    ("voice-samples", "", _known_samples),
    ("default", "avatars", _known_avatars),
    ("default", "exports", _known_exports),
)


def _unknown(names: Iterator[str], known: Callable[[Iterable[str]], set[str]]) -> Iterator[str]:
    for batch in _batches(names):
        found = known(batch)
        yield from (name for name in batch if name not in found)


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    return iter(lambda: list(islice(items, _BATCH)), [])


def _old(storage: Storage, names: Iterator[str], at: datetime, user_id: UUID | None = None) -> Iterator[Orphan]:
    for name in names:
        life_signs.show()
        if is_older(storage, name, at - ROW_FOLLOWS_WITHIN):
            yield Orphan(storage, name, size_if_there(storage, name), user_id)
