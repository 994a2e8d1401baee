"""Files that no row tells of: left by work that was stopped between writing a file and storing its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.core.files.storage import Storage, storages

from apps.accounts.models import DataExport, Profile
from apps.pipeline.blobs import blobs_in, storage_name
from apps.pipeline.lost_work import kept_results
from apps.pipeline.models import Asset, Job, VoiceSample
from canvascast.operations.stored_files import files_under, folders_in, is_older

KEPT_FOR = timedelta(days=1)
"""No work takes as long as this between writing a file and storing its row."""
_BATCH = 500


@dataclass(frozen=True)
class Orphan:
    storage: Storage
    name: str
    size_bytes: int


def orphans(at: datetime) -> Iterator[Orphan]:
    """Yield the files that nothing refers to and that were written more than a day before `at`."""
    yield from _old(storages["temp-processing"], files_under(storages["temp-processing"]), at)
    for user_folder in folders_in(storages["generated-assets"]):
        yield from _old(storages["generated-assets"], _unknown_to_user(user_folder), at)
    for alias, folder, known in _BY_NAME:
        storage = storages[alias]
        yield from _old(storage, _unknown(files_under(storage, folder), known), at)


def _unknown_to_user(folder: str) -> Iterator[str]:
    known = _names_of_user(folder)
    return (name for name in files_under(storages["generated-assets"], folder) if name not in known)


def _names_of_user(folder: str) -> set[str]:
    try:
        user_id = UUID(folder)
    except ValueError:
        return set()
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
    for batch in iter(lambda: list(islice(names, _BATCH)), []):
        found = known(batch)
        yield from (name for name in batch if name not in found)


def _old(storage: Storage, names: Iterator[str], at: datetime) -> Iterator[Orphan]:
    for name in names:
        if is_older(storage, name, at - KEPT_FOR):
            yield Orphan(storage, name, storage.size(name))
