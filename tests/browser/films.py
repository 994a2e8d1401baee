"""The rows and the real files of a finished video, without making it."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from functools import cache
from io import BytesIO
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from PIL import Image

from apps.pipeline.blobs import storage_name
from apps.pipeline.contracts import Blob
from apps.pipeline.models import Artifact, Asset, Job, JobStep
from canvascast.env import ROOT
from tests.pages.made import FILES, lay_down_words

_SAMPLE = ROOT / "static" / "samples" / "facts"
_COLOURS = itertools.cycle(("#8a5a00", "#0e6a60", "#1f4fa3", "#5a5347", "#c8341a"))


def lay_down_film(job: Job) -> None:
    """Give the job a script of three chapters and a file of every kind, stored under the name of its content."""
    lay_down_words(job)
    for filename, kind in FILES:
        blob, name = _stored(job, _content_of(filename), PurePosixPath(filename).suffix)
        Asset.objects.create(
            job=job, kind=kind, filename=filename, storage_name=name, sha256=blob.sha256, size_bytes=blob.size_bytes
        )
        if kind == "image":
            _note_as_drawn(job, blob, int(PurePosixPath(filename).stem[-3:]))


def _stored(job: Job, content: bytes, suffix: str) -> tuple[Blob, str]:
    blob = Blob(hashlib.sha256(content).hexdigest(), len(content), suffix)
    name, storage = storage_name(job.user_id, blob), storages["generated-assets"]
    if not storage.exists(name):
        storage.save(name, ContentFile(content))
    return blob, name


def _note_as_drawn(job: Job, blob: Blob, number: int) -> None:
    image = {"sha256": blob.sha256, "size_bytes": blob.size_bytes, "suffix": blob.suffix}
    artifact = Artifact.objects.create(
        user=job.user,
        project=job.project,
        key=uuid.uuid4().hex,
        step="images",
        schema_version=1,
        payload={"image": image},
    )
    JobStep.objects.create(
        job=job, step="images", part=f"s{number}", state="DONE", artifact=artifact, ordinal=100 + number
    )


def _content_of(filename: str) -> bytes:
    suffix = PurePosixPath(filename).suffix
    if suffix in (".mp4", ".vtt"):
        return (_SAMPLE / {".mp4": "film.mp4", ".vtt": "captions.vtt"}[suffix]).read_bytes()
    if suffix in (".jpg", ".png"):
        return _picture(filename, {".jpg": "JPEG", ".png": "PNG"}[suffix])
    return filename.encode()


@cache
def _picture(filename: str, kind: str) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (1920, 1080), next(_COLOURS)).save(stream, kind)
    return stream.getvalue()
