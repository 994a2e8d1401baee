"""The end of a job that went well: its files become assets and it becomes READY, in one transaction."""

from __future__ import annotations

from django.utils import timezone

from apps.pipeline.blobs import storage_name
from apps.pipeline.contracts import Package
from apps.pipeline.models import Asset, Job, Project
from apps.pipeline.settlement import settle_ready
from apps.pipeline.states import JobState, move


def deliver(job: Job, package: Package) -> None:
    """Create the job's assets, charge for it and finish it. Call it under the job's lock."""
    Asset.objects.bulk_create(
        Asset(
            job=job,
            kind=file.kind,
            filename=file.name,
            storage_name=storage_name(job.user_id, file.file),
            sha256=file.file.sha256,
            size_bytes=file.file.size_bytes,
        )
        for file in package.files
    )
    Project.objects.filter(pk=job.project_id, title="").update(title=package.title[:200])
    Project.objects.filter(pk=job.project_id, files_until__isnull=False).update(files_until=None)
    job.project.refresh_from_db(fields=["title"])
    now = timezone.now()
    cost = settle_ready(job, package, at=now)
    move(job.pk, JobState.READY, at=now, progress=100, step="", status_message="", cost=cost)
