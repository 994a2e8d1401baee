"""Results whose files are gone. The store trusts its rows, so whoever misses a file says so here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.pipeline.models import Artifact
from canvascast.logs import get_logger

LOST = "lost"
"""Stands in `Artifact.content` of a row that says: what is stored under this key in this project is gone."""
_MOST_RESULTS = 2000
log = get_logger("pipeline")


def note_lost_work(user_id: UUID, are_present: Callable[[list[object]], list[bool]]) -> int:
    """Look for the files of the user's newest results and note those that have lost one. Returns their number.

    `are_present` tells for each of the payloads that it is given whether all its files exist.
    """
    results = list(kept_results(user_id).order_by("-created_at")[:_MOST_RESULTS])
    found = are_present([result.payload for result in results])
    notes = [_note(result) for result, is_present in zip(results, found, strict=True) if not is_present]
    Artifact.objects.bulk_create(notes, ignore_conflicts=True)
    log.warning("work_lost", userId=str(user_id), results=len(notes))
    return len(notes)


def note_gone(results: Iterable[Artifact]) -> None:
    """Note that the files of these results are gone, so that nothing reuses them."""
    Artifact.objects.bulk_create([_note(result) for result in results], ignore_conflicts=True)


def kept_results(user_id: UUID) -> QuerySet[Artifact]:
    """Return the user's results whose files are not known to be gone."""
    noted = Artifact.objects.filter(project_id=OuterRef("project_id"), key=OuterRef("key"), content=LOST)
    return Artifact.objects.filter(~Exists(noted), user_id=user_id)


def _note(result: Artifact) -> Artifact:
    return Artifact(
        user_id=result.user_id,
        project_id=result.project_id,
        key=result.key,
        content=LOST,
        step=result.step,
        unit=result.unit,
        schema_version=result.schema_version,
        payload={},
    )
