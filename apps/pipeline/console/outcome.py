"""Follow a job to its end and put what it made where the user asked for it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone
from django.utils.text import slugify

from apps.pipeline.actions import NotPossible, cancel_video
from apps.pipeline.codec import from_json
from apps.pipeline.console.table import StepTable
from apps.pipeline.console.worker import LocalWorker
from apps.pipeline.contracts import Script
from apps.pipeline.models import Asset, Job, JobStep
from apps.pipeline.packaging import names
from apps.pipeline.queries import StepReport, step_reports

_POLL_SECONDS = 0.4


class OutUnwritable(Exception):
    """The place for the video cannot be written; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """A finished video on this machine's disk. Sizes in bytes, times in seconds."""

    job_id: str
    title: str
    video: str
    package: str
    duration_seconds: float
    size_bytes: int
    written_by: str
    steps: list[StepReport]

    def as_json(self) -> dict[str, Any]:  # Any: JSON values
        return asdict(self)


def check_writable(out: Path) -> None:
    """Find out before any work whether a file can be written at `out`. Raises OutUnwritable."""
    if out.is_dir():
        raise OutUnwritable(f"{out} is a folder; --out names the file of the video.")
    if out.suffix.lower() == ".zip":
        raise OutUnwritable(f"{out} is where the package goes; --out names the file of the video, such as video.mp4.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".canvascast-"):
            pass
    except OSError as error:
        raise OutUnwritable(f"{out} cannot be written: {os.strerror(error.errno or errno.EIO)}.") from error


def follow(job: Job, worker: LocalWorker) -> Job:
    """Show the job's steps until it ends; Ctrl-C cancels it. Returns the ended job."""
    with StepTable() as table:
        try:
            while not job.is_finished:
                time.sleep(_POLL_SECONDS)
                worker.ensure()
                job.refresh_from_db()
                table.show(step_reports(job.pk), job.progress)
        except KeyboardInterrupt:
            abandon(job)
    job.refresh_from_db()
    return job


def abandon(job: Job) -> None:
    """Stop a job that nobody follows any more, unless it has ended."""
    # Whatever interrupted the command may have left its connection in the middle of an answer.
    if not connection.in_atomic_block:
        connection.close()
    with suppress(NotPossible):
        cancel_video(job_id=job.pk, by=job.user, at=timezone.now())


def collect(job: Job, out: Path | None) -> Outcome:
    """Copy the film to `out` and its package beside it, each appearing whole or not at all. Raises OutUnwritable."""
    script = _script(job)
    target = out or _default_path(job, script.title)
    try:
        video = _copy(Asset.objects.get(job=job, filename=names.VIDEO), target)
        package = _copy(Asset.objects.get(job=job, filename=names.ARCHIVE), target.with_suffix(".zip"))
    except OSError as error:
        raise OutUnwritable(f"{target} cannot be written: {os.strerror(error.errno or errno.EIO)}.") from error
    return Outcome(
        job_id=str(job.pk),
        title=script.title,
        video=str(video),
        package=str(package),
        duration_seconds=_duration(job),
        size_bytes=video.stat().st_size,
        written_by=script.written_by,
        steps=step_reports(job.pk),
    )


def _script(job: Job) -> Script:
    row = JobStep.objects.select_related("artifact").get(job=job, step="script", part="")
    assert row.artifact is not None
    return from_json(row.artifact.payload, Script)


def _duration(job: Job) -> float:
    row = JobStep.objects.select_related("artifact").get(job=job, step="package", part="")
    assert row.artifact is not None
    return float(row.artifact.payload["duration_ms"]) / 1000


def _default_path(job: Job, title: str) -> Path:
    name = re.sub(r"[^a-z0-9-]", "", slugify(title))[:60] or "video"
    return Path(settings.VAR_DIR) / "videos" / f"{name}-{str(job.pk)[:8]}.mp4"


def _copy(asset: Asset, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".canvascast-")
    try:
        with os.fdopen(handle, "wb") as copy, storages["generated-assets"].open(asset.storage_name) as source:
            shutil.copyfileobj(source, copy, 1 << 20)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target
