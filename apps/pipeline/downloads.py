"""The files of finished videos: which ones there are, under which names they are saved, and links to them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from apps.pipeline.models import Asset
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind
from canvascast.storages import LINK_SECONDS

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".zip": "application/zip",
}
_UNKNOWN_TYPE = "application/octet-stream"


class LinkInvalid(Exception):
    """The link was changed, or it is older than fifteen minutes."""


@dataclass(frozen=True)
class SignedDownload:
    """A link that works without a session until `expires_at`."""

    url: str
    expires_at: datetime


def available_assets() -> QuerySet[Asset]:
    """Return the files that can be had: not expired, and their projects not deleted."""
    kept = Asset.objects.filter(expired_at__isnull=True, job__project__deleted_at__isnull=True)
    return kept.select_related("job__project")


def signed_download(*, asset: Asset, at: datetime) -> SignedDownload:
    """Return a link that saves the asset, good for fifteen minutes from `at`, which is now.

    One to a bucket does not come by here again, so it counts as a download when it is given.
    """
    url = bucket_link(asset, as_attachment=True)
    if url is not None:
        note_download(asset, at=at)
    else:
        url = urljoin(settings.SITE_URL, reverse("pipeline:download", args=[_signer().sign(asset.pk.hex)]))
    return SignedDownload(url, at + timedelta(seconds=LINK_SECONDS))


def asset_id_of(token: str) -> UUID:
    """Return which asset a token of `signed_download` is for. Raises LinkInvalid."""
    try:
        return UUID(hex=_signer().unsign(token, max_age=LINK_SECONDS))
    except (BadSignature, ValueError) as error:
        raise LinkInvalid from error


def bucket_link(asset: Asset, *, as_attachment: bool, method: str = "GET") -> str | None:
    """Return a presigned link to the asset in the bucket, or None when files are kept in a folder."""
    storage: Any = storages["generated-assets"]  # Any: a bucket's `url` takes more than Django's Storage declares
    with suppress(NotImplementedError):
        storage.path(asset.storage_name)
        return None
    answer = {
        "ResponseContentType": content_type(asset),
        "ResponseContentDisposition": content_disposition_header(as_attachment, saved_name(asset)) or "inline",
    }
    return str(storage.url(asset.storage_name, parameters=answer, expire=LINK_SECONDS, http_method=method))


def note_download(asset: Asset, *, at: datetime) -> None:
    """Note that the file was saved; the first time counts."""
    funnel.record(FactKind.DOWNLOADED, about=asset.pk, at=at, user_id=asset.job.user_id, detail=asset.kind)


def content_type(asset: Asset) -> str:
    """Return what browsers are told the file is, from the suffix that the packager gave it."""
    return CONTENT_TYPES.get(PurePosixPath(asset.storage_name).suffix, _UNKNOWN_TYPE)


def saved_name(asset: Asset) -> str:
    """Return the name under which a browser saves the file: the title and what it is, in plain letters only."""
    title = re.sub(r"[^a-z0-9-]", "", slugify(asset.job.project.title))[:50].strip("-") or "canvascast"
    file = PurePosixPath(asset.filename)
    return f"{title}-{file.stem}{file.suffix}"


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="canvascast.pipeline.downloads")
