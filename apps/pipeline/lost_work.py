"""Results whose files are gone. The store trusts its rows, so whoever misses a file says so here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from apps.pipeline.contracts import Blob
from apps.pipeline.models import Artifact
from canvascast.logs import get_logger

LOST = "lost"
"""Stands in `Artifact.content` of a row that says: what is stored under this key in this project is gone."""
_MOST_RESULTS = 2000
# A long script has some thousands, and each that is not looked at may cost another try.
_MOST_RESULTS_OF_VIDEOS = 10_000
log = get_logger("pipeline")


def note_lost_work(user_id: UUID, missing: Blob, are_present: Callable[[list[object]], list[bool]]) -> int:
    """Note the user's results that need the `missing` file, and what else was lost of their videos and of newer work.

    `are_present` tells for each of the payloads that it is given whether all its files exist. Returns how many results
    were noted.
    """
    lost = list(_naming(missing, kept_results(user_id)))
    note_gone(lost)
    videos = {result.project_id for result in lost}
    others = kept_results(user_id).order_by("-created_at")
    of_videos = others.filter(project_id__in=videos)
    results = list({*of_videos[:_MOST_RESULTS_OF_VIDEOS], *others[:_MOST_RESULTS]})
    found = are_present([result.payload for result in results])
    lost_too = [result for result, is_present in zip(results, found, strict=True) if not is_present]
    note_gone(lost_too)
    log.warning("work_lost", userId=str(user_id), results=len(lost) + len(lost_too))
    return len(lost) + len(lost_too)


def note_gone(results: Iterable[Artifact]) -> None:
    """Note that the files of these results are gone, so that nothing reuses them."""
    Artifact.objects.bulk_create([_note(result) for result in results], ignore_conflicts=True)


def kept_results(user_id: UUID) -> QuerySet[Artifact]:
    """Return the user's results whose files are not known to be gone."""
    noted = Artifact.objects.filter(project_id=OuterRef("project_id"), key=OuterRef("key"), content=LOST)
    return Artifact.objects.filter(~Exists(noted), user_id=user_id)


def _naming(blob: Blob, results: QuerySet[Artifact]) -> QuerySet[Artifact]:
    """However old they are: no index is asked, but a file is seldom missed."""
    return results.annotate(words=Cast("payload", TextField())).filter(words__contains=blob.sha256)


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
