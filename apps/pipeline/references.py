"""The picture of the main character on the create page: sent once, then kept under a ticket that the form carries."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.core import signing

from apps.accounts.models import User
from apps.pipeline.blobs import is_kept
from apps.pipeline.contracts import Blob
from apps.pipeline.forms import CreateForm
from apps.pipeline.providers import registry
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.providers.painter.reference import MAX_REFERENCE_BYTES
from apps.pipeline.uploads import store_reference

GONE = "Your picture is no longer kept here. Choose the file once more to send it again."


def takes_reference() -> bool:
    """Return whether the painter that is set up looks at a picture of the main character."""
    return bool(registry.provider("painter", settings.PROVIDERS["painter"]).uses_reference)


def take_reference(form: CreateForm, user: User, *, asks_storage: bool = True) -> None:
    """Give a sent form its picture: the one that came with it, else the one that its ticket names.

    A picture that came is stored, so that whatever else is wrong with the form it need not be sent again. One that
    cannot be used, or that was deleted while the form lay open, is told at its field. A remote storage is asked about
    the latter, unless somebody only types. Raises Transient.
    """
    form.is_valid()
    reference = None if form.wants_no_reference() else _sent(form, user) or _kept(form, user, asks_storage)
    form.keep_reference(reference, ticket_of(user.pk, reference) if reference else "")


def ticket_of(user_id: UUID, reference: Blob) -> str:
    """Return what stands for a stored picture of the user's in a form."""
    return signing.dumps([reference.sha256, reference.size_bytes], salt=_salt(user_id))


def _sent(form: CreateForm, user: User) -> Blob | None:
    upload = form.cleaned_data.get("reference")
    if upload is None:
        return None
    try:
        return store_reference(user.pk, upload.read(MAX_REFERENCE_BYTES + 1))
    except Rejected as error:
        form.add_error("reference", error.sentence)
        return None


def _kept(form: CreateForm, user: User, asks_storage: bool) -> Blob | None:
    reference = _reference_of(user.pk, form.cleaned_data.get("kept", ""))
    if reference is None or is_kept(user.pk, reference, asks=asks_storage):
        return reference
    form.add_error("reference", GONE)
    return None


def _reference_of(user_id: UUID, ticket: str) -> Blob | None:
    with suppress(signing.BadSignature):
        sha256, size_bytes = signing.loads(ticket, salt=_salt(user_id))
        return Blob(sha256, size_bytes, ".png")
    return None


def _salt(user_id: UUID) -> str:
    return f"reference:{user_id}"
