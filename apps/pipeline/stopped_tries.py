"""What stopped tries of a video kept since it was finished last: part of the price of going on, and not paid twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.pipeline.codec import from_json
from apps.pipeline.contracts import Scene, Script
from apps.pipeline.models import Job, JobStep
from apps.pipeline.states import JobState


def kept_of_video(project_id: UUID) -> int:
    """Return the credits that stopped tries to make the whole video kept. One query."""
    kept: int | None = _stopped(project_id).filter(changed_scenes=0).aggregate(kept=Sum("cost"))["kept"]
    return kept or 0


def kept_of_changes(project_id: UUID, script: Script) -> int:
    """Return the credits that stopped changes kept of which `script` still has something. One query, two if any did.

    A change that was given up and another in its place share nothing, whichever of the two was stopped.
    """
    return _part_in(script, _paid_changes(project_id), project_id)


def kept_of_retry(job: Job) -> int:
    """Return the same for the script that the job itself made. One query, three if any change kept something."""
    changes = _paid_changes(job.project_id)
    script = _script(Job.objects.filter(pk=job.pk).values("pk")) if changes else None
    return _part_in(script, changes, job.project_id) if script is not None else 0


def _paid_changes(project_id: UUID) -> list[tuple[int, Any]]:  # Any: a script as JSON
    """Return cost and script of each stopped change that kept something."""
    paid = _stopped(project_id).filter(changed_scenes__gt=0, cost__gt=0)
    return list(_script_rows(paid.values("pk")).values_list("job__cost", "artifact__payload"))


def _part_in(script: Script, changes: list[tuple[int, Any]], project_id: UUID) -> int:  # Any: a script as JSON
    before = _script(_ready(project_id).values("pk")[:1]) if changes else None
    if before is None:
        return 0
    return sum(cost for cost, stopped in changes if _goes_on_with(from_json(stopped, Script), before, script))


def _ready(project_id: UUID) -> QuerySet[Job]:
    found: QuerySet[Job] = Job.objects.filter(project_id=project_id, state=JobState.READY).order_by("-created_at")
    return found


def _stopped(project_id: UUID) -> QuerySet[Job]:
    last_ready = Subquery(_ready(project_id).values("created_at")[:1])
    since = Coalesce(last_ready, Value(datetime.min.replace(tzinfo=UTC)))
    found: QuerySet[Job] = Job.objects.filter(project_id=project_id, state=JobState.CANCELED, created_at__gt=since)
    return found


def _script_rows(jobs: QuerySet[Job, Any]) -> QuerySet[JobStep]:  # Any: their ids
    rows: QuerySet[JobStep] = JobStep.objects.filter(job__in=jobs, step="script", part="", artifact__isnull=False)
    return rows


def _script(jobs: QuerySet[Job, Any]) -> Script | None:  # Any: their ids
    payload = _script_rows(jobs).values_list("artifact__payload", flat=True).first()
    return None if payload is None else from_json(payload, Script)


def _goes_on_with(stopped: Script, before: Script, after: Script) -> bool:
    scenes = zip(before.scenes, stopped.scenes, after.scenes, strict=False)
    return any(_has_new_words_of(*three) or _has_new_picture_of(*three) for three in scenes)


def _has_new_words_of(before: Scene, stopped: Scene, after: Scene) -> bool:
    return stopped.tokens != before.tokens and after.tokens == stopped.tokens


def _has_new_picture_of(before: Scene, stopped: Scene, after: Scene) -> bool:
    drawn, kept, wanted = ((scene.image_prompt, scene.take) for scene in (before, stopped, after))
    return kept != drawn and wanted == kept
