"""Taking away what has had its time: drafts, exports, sessions, files without a row, half files."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage, storages

from apps.accounts.models import DataExport
from apps.accounts.sessions import dead_notes
from apps.drafts import actions as drafts
from apps.drafts.models import DraftPrompt
from apps.pipeline.scratch import is_in_use
from apps.pipeline.small_pictures import small_pictures
from apps.pipeline.storing import ROW_FOLLOWS_WITHIN
from canvascast import life_signs
from canvascast.operations import erasure
from canvascast.operations.backups.databases import kept_databases
from canvascast.operations.old_rows import OLD_ROWS, expired_cache_rows, take_away_old_rows
from canvascast.operations.orphans import delete_orphan, orphans
from canvascast.operations.stored_files import old_paths, size_if_there, size_of_files
from canvascast.storages import PRIVATE_STORAGES, DurableStorage

_EXPORT_TAKES_AT_MOST = timedelta(hours=1)
_SMALL_PICTURES_KEPT_FOR = timedelta(days=30)
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Pruned:
    """What of one kind was taken away, or would be; `left` says what was not and why, where that is not as always."""

    kind: str
    number: int
    size_bytes: int = 0
    left: str = ""


def prune(*, at: datetime, dry_run: bool, seconds: float = math.inf) -> Iterator[Pruned]:
    """Take away everything whose time is over at `at`, or with `dry_run` only count it.

    After `seconds` it erases nobody more and goes no further through the storages; the next one begins anew and finds
    less.
    """
    ends = time.monotonic() + seconds
    yield _drafts(at, dry_run)
    yield _exports(at, dry_run)
    yield _stuck_exports(at, dry_run)
    yield _sessions(at, dry_run)
    yield _browsers(at, dry_run)
    for rows in OLD_ROWS:
        yield Pruned(rows.kind, rows.find(at).count() if dry_run else take_away_old_rows(rows, at=at))
    yield Pruned("expired cache rows", expired_cache_rows(dry_run=dry_run))
    yield _erasures(at, dry_run, ends)
    yield _half_files(at, dry_run)
    yield _small_pictures(at, dry_run)
    yield _scratch(at, dry_run)
    yield _files(at, dry_run, ends)


def take_up_interrupted(*, at: datetime, seconds: float = math.inf) -> dict[str, int]:
    """Go on with erasures that were interrupted, and give up exports whose worker died or whose time is over.

    The short part of `prune`, without a walk through the storages: often enough to keep what people were promised.
    After `seconds` nobody's erasure is begun.
    """
    ends = time.monotonic() + seconds
    parts = (_exports(at, False), _stuck_exports(at, False), _erasures(at, False, ends))
    return {part.kind.replace(" ", "_"): part.number for part in parts}


def _drafts(at: datetime, dry_run: bool) -> Pruned:
    if dry_run:
        return Pruned("expired drafts", DraftPrompt.objects.filter(expires_at__lte=at).count())
    number = 0
    while deleted := drafts.delete_expired(at=at, limit=_ROWS_AT_ONCE):
        number += deleted
    return Pruned("expired drafts", number)


def _exports(at: datetime, dry_run: bool) -> Pruned:
    number = size_bytes = 0
    for export in DataExport.objects.filter(expires_at__lte=at).order_by("expires_at")[:_ROWS_AT_ONCE]:
        number += 1
        if export.storage_name:
            size_bytes += size_if_there(default_storage, export.storage_name)
        if not dry_run:
            if export.storage_name:
                default_storage.delete(export.storage_name)
            export.delete()
    return Pruned("expired exports", number, size_bytes)


def _stuck_exports(at: datetime, dry_run: bool) -> Pruned:
    """While one is pending the user cannot ask for another, and its worker may be long dead."""
    stuck = DataExport.objects.filter(state=DataExport.State.PENDING, created_at__lt=at - _EXPORT_TAKES_AT_MOST)
    return Pruned("exports given up", stuck.count() if dry_run else stuck.update(state=DataExport.State.FAILED))


def _sessions(at: datetime, dry_run: bool) -> Pruned:
    number = Session.objects.filter(expire_date__lt=at).count()
    if not dry_run:
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return Pruned("expired sessions", number)


def _browsers(at: datetime, dry_run: bool) -> Pruned:
    """The address and the name of a browser are kept as long as its session."""
    dead = dead_notes(at)
    return Pruned("browsers logged out", dead.count() if dry_run else dead.delete()[0])


def _files(at: datetime, dry_run: bool, ends: float) -> Pruned:
    number = size_bytes = 0
    for orphan in orphans(at, until=ends):
        if time.monotonic() > ends:
            break
        life_signs.show()
        if dry_run or delete_orphan(orphan, at=at):
            number, size_bytes = number + 1, size_bytes + orphan.size_bytes
    kept = ", ".join(kept_databases())
    return Pruned(
        "files without a row",
        number,
        size_bytes,
        left=f"Files without a row are left while the database {kept} exists, which may have theirs." if kept else "",
    )


def _half_files(at: datetime, dry_run: bool) -> Pruned:
    number = size_bytes = 0
    for alias in ("default", *PRIVATE_STORAGES):
        storage = storages[alias]
        if isinstance(storage, DurableStorage):
            sizes = [size for _, size in old_paths(storage.half_files(), at - ROW_FOLLOWS_WITHIN)]
            number, size_bytes = number + len(sizes), size_bytes + sum(sizes)
            if not dry_run:
                storage.clear_abandoned()
    return Pruned("half files", number, size_bytes)


def _scratch(at: datetime, dry_run: bool) -> Pruned:
    """Workers clear it when they start; on a machine whose worker never starts again nobody would."""
    entries = settings.SCRATCH_DIR.iterdir() if settings.SCRATCH_DIR.is_dir() else ()
    old = [path for path, _ in old_paths(entries, at - ROW_FOLLOWS_WITHIN) if not is_in_use(path)]
    pruned = Pruned("scratch", len(old), sum(size_of_files(path) for path in old))
    for path in () if dry_run else old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return pruned


def _small_pictures(at: datetime, dry_run: bool) -> Pruned:
    """Copies for pages are made again when they are looked at."""
    old = list(old_paths(small_pictures(), at - _SMALL_PICTURES_KEPT_FOR))
    pruned = Pruned("small pictures", len(old), sum(size for _, size in old))
    if not dry_run:
        for path, _ in old:
            path.unlink(missing_ok=True)
    return pruned


def _erasures(at: datetime, dry_run: bool, ends: float) -> Pruned:
    # In another order each time: one that keeps failing ends the round and must not stand before the same others.
    users = list(erasure.unfinished_erasures().order_by("?")[:_ROWS_AT_ONCE])
    if dry_run:
        return Pruned("interrupted erasures", len(users))
    number = 0
    for user in users:
        if time.monotonic() > ends:
            break
        erasure.erase_user(user=user, at=at)
        life_signs.show()
        number += 1
    return Pruned("interrupted erasures", number)
