"""Rows of work of a video in the making, laid down without making anything."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from PIL import Image

from apps.pipeline import catalogue
from apps.pipeline.blobs import storage_name
from apps.pipeline.contracts import Blob
from apps.pipeline.models import Artifact, Job, JobStep

SCENES = 4
_BY_SCENE = ("voice", "alignment", "images")


def lay_rows(job: Job, at: datetime, *, scenes: int = SCENES, **states: str | list[str]) -> None:
    """Lay down the product's rows: a state for a step's own row, or a list of states of its scenes; the rest waits.

    Rows that are done ended at `at`, a second apart in the order of the pipeline.
    """
    for number, step in enumerate(catalogue.steps()):
        given = states.get(step.name, "WAITING")
        parts = given if isinstance(given, list) else []
        if not parts and step.name in _BY_SCENE and given == "DONE":
            parts = ["DONE"] * scenes
        own = "WAITING" if isinstance(given, list) else given
        for scene, state in enumerate(parts, 1):
            lay_row(job, step.name, state, at, part=f"scene_{scene:03}", ordinal=number * 100 + scene)
        lay_row(job, step.name, own, at, ordinal=number * 100 + 99)


def lay_row(
    job: Job, step: str, state: str, at: datetime, *, part: str = "", ordinal: int = 0, **fields: Any
) -> JobStep:
    """Lay down one row; a drawn picture has a real file."""
    moments: dict[str, Any] = {"due_at": at, "created_at": at}
    if state == "RUNNING":
        moments |= {"started_at": at, "lease_until": at + timedelta(days=9_000)}
    if state == "DONE":
        artifact = _picture(job, part) if step == "images" and part else _artifact(job, step, _payload(job, step))
        moments |= {"started_at": at, "finished_at": at, "progress": 1.0, "artifact": artifact}
    return JobStep.objects.create(job=job, step=step, part=part, state=state, ordinal=ordinal, **{**moments, **fields})


def drawn_picture(job: Job, scene: int = 1) -> str:
    """Store a picture of the job's project and return the hash of its content."""
    return str(_picture(job, f"scene_{scene:03}").payload["image"]["sha256"])


def _picture(job: Job, part: str) -> Artifact:
    colour = int(hashlib.sha256(f"{job.pk}{part}".encode()).hexdigest()[:6], 16)
    stream = BytesIO()
    Image.new("RGB", (1920, 1080), f"#{colour:06x}").save(stream, "PNG")
    content = stream.getvalue()
    blob = Blob(hashlib.sha256(content).hexdigest(), len(content), ".png")
    storage = storages["generated-assets"]
    name = storage_name(job.user_id, blob)
    if not storage.exists(name):
        storage.save(name, ContentFile(content))
    image = {"sha256": blob.sha256, "size_bytes": blob.size_bytes, "suffix": blob.suffix}
    return _artifact(job, "images", {"image": image}, unit=part)


def _payload(job: Job, step: str) -> dict[str, Any]:
    scenes = [f"scene_{number:03}" for number in range(1, SCENES + 1)]
    if step == "script":
        return {"metadata": {"estimated_seconds": 60.0, "word_count": 150, "scene_count": SCENES}}
    if step == "visual_plan":
        return {"shots": [{"scene_id": scene, "alt": f"What {scene} shows."} for scene in scenes]}
    return {}


def _artifact(job: Job, step: str, payload: dict[str, Any], unit: str = "") -> Artifact:
    return Artifact.objects.create(
        user=job.user,
        project=job.project,
        key=uuid.uuid4().hex,
        step=step,
        unit=unit,
        schema_version=1,
        payload=payload,
    )
