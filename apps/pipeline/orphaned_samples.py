"""Recordings without a voice, left by processes that were killed between storing a file and its row."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.files.storage import storages

from apps.pipeline.models import VoiceSample

# Whoever stores a recording writes its row within seconds.
_ORPHANED_AFTER = timedelta(days=1)


def delete_orphans(*, at: datetime) -> int:
    """Delete recordings that no row names and that are a day old. Returns how many."""
    storage = storages["voice-samples"]
    orphans = [name for name in _without_rows() if storage.get_modified_time(name) < at - _ORPHANED_AFTER]
    for name in orphans:
        storage.delete(name)
    return len(orphans)


def _without_rows() -> Iterator[str]:
    for user_folder in _folders(""):
        for profile_folder in _folders(f"{user_folder}/"):
            _, files = storages["voice-samples"].listdir(profile_folder)
            names = {f"{profile_folder}/{file}" for file in files}
            named = VoiceSample.objects.filter(storage_name__in=names).values_list("storage_name", flat=True)
            yield from sorted(names - set(named))


def _folders(parent: str) -> list[str]:
    """Return the folders in `parent` that are named by an id; other folders are none of the recordings'."""
    names: list[str] = []
    with suppress(FileNotFoundError):
        names, _ = storages["voice-samples"].listdir(parent)
    return [f"{parent}{name}" for name in names if _is_id(name)]


def _is_id(name: str) -> bool:
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True
