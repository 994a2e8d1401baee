"""The store of finished work: what is there already is never made again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.pipeline.blobs import may_be_present
from apps.pipeline.codec import digest, to_json
from apps.pipeline.contracts import SCHEMA_VERSION
from apps.pipeline.lost_work import LOST
from apps.pipeline.models import Artifact, Job
from apps.pipeline.steps.base import Step

# With its age, by which a script stops being reused.
_COPIED = ("step", "unit", "schema_version", "provider", "created_at")


def work_key(job: Job, step: Step, unit: str, request: object, provider_identity: str) -> str:
    """Return the hash of everything that goes into one piece of work."""
    owner_of_result = str(job.pk) if step.per_job else ""
    return digest(
        str(job.user_id), owner_of_result, SCHEMA_VERSION, step.name, step.version, unit, provider_identity, request
    )


def find_artifact(job: Job, step: Step, key: str) -> Artifact | None:
    """Return the newest usable result under `key`: its files are not lost, and it is not too old for this step."""
    lost = Artifact.objects.filter(project_id=OuterRef("project_id"), key=key, content=LOST)
    found = Artifact.objects.filter(~Exists(lost), user_id=job.user_id, key=key, project__deleted_at__isnull=True)
    if step.reuse_across_projects_seconds is not None:
        youngest = timezone.now() - timedelta(seconds=step.reuse_across_projects_seconds)
        found = found.filter(Q(project_id=job.project_id) | Q(created_at__gte=youngest))
    newest: list[Artifact] = list(found.order_by("-created_at")[:3])
    for artifact in newest:
        if may_be_present(job.user_id, artifact.payload):
            return artifact
    return None


def take_over_artifact(job: Job, step: Step, key: str) -> Artifact | None:
    """Find a usable result and make it the project's own: another project's goes when that project is deleted.

    Call it under the project's lock.
    """
    found = find_artifact(job, step, key)
    if found is None or found.project_id == job.project_id:
        return found
    return _keep(job, key, found.payload, **{name: getattr(found, name) for name in _COPIED})


def keep_artifact(job: Job, step: Step, unit: str, key: str, result: object, provider: str) -> Artifact:
    """Store a result; storing an equal one again returns the first, and takes back that it was lost."""
    facts = {"step": step.name, "unit": unit, "schema_version": SCHEMA_VERSION, "provider": provider}
    return _keep(job, key, to_json(result), **facts)


def _keep(job: Job, key: str, payload: Any, **facts: Any) -> Artifact:  # Any: JSON, and values of Artifact's columns
    Artifact.objects.filter(project_id=job.project_id, key=key, content=LOST).delete()
    artifact, _ = Artifact.objects.get_or_create(
        project_id=job.project_id,
        key=key,
        content=digest(payload),
        defaults={"user_id": job.user_id, "payload": payload, **facts},
    )
    return artifact
