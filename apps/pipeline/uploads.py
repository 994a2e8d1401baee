"""Files that users bring: turned into formats of our own before anything else sees them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.pipeline.blobs import UserBlobs
from apps.pipeline.contracts import Blob
from apps.pipeline.providers.painter.reference import reference_png
from apps.pipeline.render.music import transcode_music


def store_music(user_id: UUID, path: Path) -> Blob:
    """Decode an audio file to 48 kHz stereo PCM and store that. Raises Rejected when it is no audio."""
    settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.SCRATCH_DIR) as folder:
        decoded = Path(folder) / "music.wav"
        transcode_music(path, decoded)
        return UserBlobs(user_id, Path(folder)).put(decoded, ".wav")


def store_reference(user_id: UUID, content: bytes) -> Blob:
    """Decode a picture of the main character and store it as a bare PNG. Raises Rejected when it is none."""
    settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    return UserBlobs(user_id, settings.SCRATCH_DIR).put_bytes(reference_png(content), ".png")
