"""A user's own reading of their script: sent once, then kept under a ticket that a form or a program carries."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from apps.accounts.models import User
from apps.pipeline.blobs import is_kept, needing_room
from apps.pipeline.contracts import Blob, Recording
from apps.pipeline.forms import CreateForm
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.scratch import scratch_folder
from apps.pipeline.uploads import require_recording_size, store_recording
from canvascast.errors import RateLimited

GONE = "Your recording is no longer kept here. Choose the file once more to send it again."
MANY_RECORDINGS = "That were many recordings in a short time. Please try again later."
_COPIED_BYTES = 1 << 20


def take_recording(
    form: CreateForm, user: User, *, before_storing: Callable[[], None], asks_storage: bool = True
) -> None:
    """Give a sent form its recording: the one that came with it, else the one that its ticket names.

    One that came is stored, so that whatever else is wrong with the form it need not be sent again. One that cannot be
    used, that no voice calls for, that `before_storing` refuses, or that was deleted while the form lay open, is told
    at its field. A remote storage is asked about the latter, unless somebody only types. Raises Transient.
    """
    form.is_valid()
    is_wanted = not form.wants_no_recording()
    recording = (_sent(form, user, before_storing) or _kept(form, user, asks_storage)) if is_wanted else None
    form.keep_recording(recording, ticket_of(user.pk, recording) if recording else "")


def keep_upload(user: User, upload: UploadedFile[bytes], *, before_storing: Callable[[], None]) -> Recording:
    """Decode and store what was uploaded, unless `before_storing` raises.

    Raises Rejected with a sentence for the user, and Transient.
    """
    require_recording_size(upload.size or 0)
    before_storing()
    upload.seek(0)
    with needing_room(), scratch_folder() as folder:
        sent = folder / "sent"
        with sent.open("wb") as stream:
            shutil.copyfileobj(upload, stream, _COPIED_BYTES)
        return store_recording(user.pk, sent)


def ticket_of(user_id: UUID, recording: Recording) -> str:
    """Return what stands for a stored recording of the user's in a form or an order."""
    file = recording.file
    return signing.dumps([file.sha256, file.size_bytes, recording.samples], salt=_salt(user_id))


def recording_of(user_id: UUID, ticket: str) -> Recording | None:
    """Return the recording that a ticket of this user's stands for, or None."""
    with suppress(signing.BadSignature):
        sha256, size_bytes, samples = signing.loads(ticket, salt=_salt(user_id))
        return Recording(Blob(sha256, size_bytes, ".flac"), samples)
    return None


def _sent(form: CreateForm, user: User, before_storing: Callable[[], None]) -> Recording | None:
    upload = form.cleaned_data.get("recording")
    if upload is None:
        return None
    try:
        return keep_upload(user, upload, before_storing=before_storing)
    except (Rejected, RateLimited) as error:
        form.add_error("recording", error.sentence)
        return None


def _kept(form: CreateForm, user: User, asks_storage: bool) -> Recording | None:
    recording = recording_of(user.pk, form.cleaned_data.get("kept_recording", ""))
    if recording is None or is_kept(user.pk, recording.file, asks=asks_storage):
        return recording
    # Nobody has to send again what the chosen voice does not need.
    if form.speaks_with_recording():
        form.add_error("recording", GONE)
    return None


def _salt(user_id: UUID) -> str:
    return f"recording:{user_id}"
