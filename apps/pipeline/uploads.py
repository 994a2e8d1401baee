"""Files that users bring: turned into formats of our own before anything else sees them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from apps.pipeline.blobs import UserBlobs
from apps.pipeline.contracts import Blob, Recording
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.reference import reference_png
from apps.pipeline.render.music import transcode_music
from apps.pipeline.render.samples import compress, transcode_reading
from apps.pipeline.scratch import scratch_folder

MOST_RECORDING_BYTES = 200_000_000


def store_music(user_id: UUID, path: Path) -> Blob:
    """Decode an audio file to 48 kHz stereo PCM and store that. Raises Rejected when it is no audio."""
    with scratch_folder() as folder:
        decoded = folder / "music.wav"
        transcode_music(path, decoded)
        return UserBlobs(user_id, folder).put(decoded, ".wav")


def store_reference(user_id: UUID, content: bytes) -> Blob:
    """Decode a picture of the main character and store it as a bare PNG. Raises Rejected when it is none."""
    with scratch_folder() as folder:
        return UserBlobs(user_id, folder).put_bytes(reference_png(content), ".png")


def store_recording(user_id: UUID, path: Path) -> Recording:
    """Decode a user's reading of their script and store it as FLAC: nothing is lost, at half the size.

    Raises Rejected with a sentence for the user when it is none, and Transient("disk_full") or ("storage_unavailable").
    """
    require_recording_size(path.stat().st_size)
    with scratch_folder() as folder:
        decoded, kept = folder / "recording.wav", folder / "recording.flac"
        samples = transcode_reading(path, decoded)
        compress(decoded, kept)
        return Recording(UserBlobs(user_id, folder).put(kept, ".flac"), samples)


def require_recording_size(size_bytes: int) -> None:
    """Raise Rejected for a file that is empty, or larger than a recording may be."""
    if not size_bytes:
        raise Rejected("sample_unreadable", "This file is empty.")
    if size_bytes > MOST_RECORDING_BYTES:
        raise Rejected("sample_too_large", f"This file is larger than {MOST_RECORDING_BYTES // 1_000_000} MB.")
