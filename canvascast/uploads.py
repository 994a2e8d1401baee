"""Uploads wait on the disk where work is done while they come in: `/tmp` may be memory, which a few of them fill."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class ScratchUploadHandler(TemporaryFileUploadHandler):
    """As Django's own, in SCRATCH_DIR, whence `prune` takes what killed processes left.

    Django's FILE_UPLOAD_TEMP_DIR would have to be there before anything starts, or every command refuses to.
    """

    def new_file(
        self,
        field_name: str,
        file_name: str,
        content_type: str,
        content_length: int | None,
        charset: str | None = None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        FileUploadHandler.new_file(
            self, field_name, file_name, content_type, content_length, charset, content_type_extra
        )
        self.file = _ScratchUpload(file_name, content_type, 0, charset, content_type_extra)


class _ScratchUpload(TemporaryUploadedFile):
    def __init__(
        self,
        name: str,
        content_type: str | None,
        size: int | None,
        charset: str | None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=_folder())  # noqa: SIM115 - the request closes it
        UploadedFile.__init__(self, file, name, content_type, size, charset, content_type_extra)


def _folder() -> Path | None:
    """Return the folder, or None for the system's own where nothing can be written there."""
    with suppress(OSError):
        settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
    return settings.SCRATCH_DIR if os.access(settings.SCRATCH_DIR, os.W_OK) else None
