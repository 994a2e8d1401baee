"""The plain list of videos made on this machine; pages for accounts come with accounts."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.accounts.actions import operator_account
from apps.pipeline.models import Asset
from apps.pipeline.queries import recent_videos
from canvascast.http import serve_file

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


@require_safe
def videos(request: HttpRequest) -> HttpResponse:
    """List what was made from the command line of this machine."""
    _require_development()
    return render(request, "pipeline/videos.html", {"videos": recent_videos(operator_account())})


@require_safe
def asset(request: HttpRequest, asset_id: UUID) -> HttpResponseBase:
    """Send one file of a finished video."""
    _require_development()
    found = get_object_or_404(Asset, pk=asset_id, job__user=operator_account(), expired_at__isnull=True)
    path = Path(storages["generated-assets"].path(found.storage_name))
    if not path.is_file():
        raise Http404
    suffix = path.suffix
    download_name = found.filename.replace("/", "-") if suffix == ".zip" else ""
    return serve_file(request, path, content_type=CONTENT_TYPES[suffix], download_name=download_name)


def _require_development() -> None:
    """Nobody can log in yet: the operator's videos are shown on the operator's own machine only."""
    if not settings.DEBUG:
        raise Http404
