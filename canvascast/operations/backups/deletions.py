"""What users deleted after a backup was taken: read from the database that makes way, and deleted again.

The row of what is deleted stays with the moment, so the database of now knows what the backup does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg import sql

from apps.accounts.models import ApiKey
from apps.pipeline import actions, left_files, voice_profiles
from apps.pipeline.models import Project, VoiceProfile, VoiceSample
from canvascast.operations.backups.folder import StoredFile

_ACCOUNTS = ("profiles", "user_id", "erased_at")
_VIDEOS = ("projects", "id", "deleted_at")
_VOICES = ("voice_profiles", "id", "deleted_at")
_KEYS = ("api_keys", "id", "revoked_at")
_FILES, _SAMPLES = "generated-assets", "voice-samples"

Noted = dict[UUID, datetime]
Files = set[tuple[str, str]]
"""Storages and names."""


@dataclass(frozen=True)
class Deletions:
    """By id, what users deleted of their own and when. The backup may know of it."""

    videos: Noted
    voices: Noted
    keys: Noted


@dataclass(frozen=True)
class DeletedAgain:
    """How many of each there were, and which files need not come back."""

    videos: int
    voices: int
    keys: int
    files: Files
    users: frozenset[str]
    """Of whom no file need come back."""

    def has(self, stored: StoredFile) -> bool:
        """Tell whether the file belongs to nothing but what was deleted."""
        is_of_users = stored.storage in (_FILES, _SAMPLES) and stored.name.partition("/")[0] in self.users
        return is_of_users or (stored.storage, stored.name) in self.files


def deletions_in(ours: psycopg.Connection) -> Deletions:
    """Return what was deleted in that database, but for what went with an account.

    What its tables do not know, where they are old, is nothing.
    """
    erased = _noted(ours, _ACCOUNTS)
    return Deletions(*(_noted(ours, column, besides=erased) for column in (_VIDEOS, _VOICES, _KEYS)))


def counted_since(ours: psycopg.Connection, moment: str) -> dict[str, int]:
    """Return how much of that, and of accounts, was deleted after the moment, by its noun; without what was not."""
    found, taken_at = deletions_in(ours), datetime.fromisoformat(moment)
    nouns = {
        "accounts": _noted(ours, _ACCOUNTS),
        "videos": found.videos,
        "voices": found.voices,
        "keys for programs": found.keys,
    }
    numbers = {noun: sum(at > taken_at for at in noted.values()) for noun, noted in nouns.items()}
    return {noun: number for noun, number in numbers.items() if number}


def delete_again(deletions: Deletions, *, erased: Collection[UUID]) -> DeletedAgain:
    """Delete what is alive in the database of this thread, as of the moment at which its owner did.

    `erased` are the users whose accounts went, with all their files.
    """
    voices, samples = _delete_voices(deletions.voices)
    videos, files = _delete_videos(deletions.videos)
    keys = _revoke_keys(deletions.keys)
    return DeletedAgain(videos, voices, keys, samples | files, frozenset(map(str, erased)))


def _noted(ours: psycopg.Connection, column: tuple[str, str, str], *, besides: Collection[UUID] = ()) -> Noted:
    table, key, moment = column
    known = ours.execute(
        "SELECT FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s AND column_name = %s",
        [table, moment],
    )
    if not known.rowcount:
        return {}
    names = {"table": sql.Identifier(table), "key": sql.Identifier(key), "moment": sql.Identifier(moment)}
    query = sql.SQL("SELECT {key}, {moment} FROM {table} WHERE {moment} IS NOT NULL AND user_id <> ALL(%s::uuid[])")
    return dict(ours.execute(query.format(**names), [list(besides)]).fetchall())


def _delete_voices(noted: Noted) -> tuple[int, Files]:
    """A voice that was learned is asked for at the vendor, who may have deleted it already."""
    live = VoiceProfile.objects.filter(pk__in=noted, deleted_at__isnull=True)
    profiles = list(live.select_related("user"))
    samples = set(VoiceSample.objects.filter(profile__in=profiles).values_list("storage_name", flat=True))
    for profile in profiles:
        voice_profiles.delete_profile(user=profile.user, profile_id=profile.pk, at=noted[profile.pk])
    return len(profiles), {(_SAMPLES, name) for name in samples}


def _delete_videos(noted: Noted) -> tuple[int, Files]:
    live = Project.objects.filter(pk__in=noted, deleted_at__isnull=True)
    projects = list(live.select_related("user"))
    for project in projects:
        actions.delete_project(project=project, by=project.user, at=noted[project.pk])
    left = defaultdict[UUID, set[str]](set)
    for project in Project.objects.filter(pk__in=[project.pk for project in projects], files_left__isnull=False):
        left[project.user_id] |= set(project.files_left)
    unneeded = (left_files.unneeded_of(names, user_id=user_id) for user_id, names in left.items())
    return len(projects), {(_FILES, name) for names in unneeded for name in names}


def _revoke_keys(noted: Noted) -> int:
    live = list(ApiKey.objects.filter(pk__in=noted, revoked_at__isnull=True))
    for key in live:
        key.revoked_at = noted[key.pk]
    return ApiKey.objects.bulk_update(live, ["revoked_at"], batch_size=500)
