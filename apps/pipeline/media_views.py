"""The files of a video, for its owner's session or for whoever holds a signed link."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.files.storage import storages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.actions import OPERATOR_EMAIL
from apps.pipeline.downloads import (
    LinkInvalid,
    asset_id_of,
    available_assets,
    bucket_link,
    content_type,
    note_download,
    saved_name,
)
from apps.pipeline.models import Asset
from canvascast.http import serve_file


@require_safe
def asset(request: HttpRequest, asset_id: UUID) -> HttpResponseBase:
    """Send one file of a finished video to its owner; with `?download` the browser saves it."""
    found = available_assets().filter(_may_see(request), pk=asset_id).first()
    if found is None:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404
    as_attachment = "download" in request.GET or content_type(found).endswith("/zip")
    return file_answer(request, found, as_attachment=as_attachment)


@require_safe
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send the file that a signed link names, to be saved."""
    try:
        asset_id = asset_id_of(token)
    except LinkInvalid as error:
        raise Http404 from error
    return file_answer(request, get_object_or_404(available_assets(), pk=asset_id), as_attachment=True)


def file_answer(request: HttpRequest, found: Asset, *, as_attachment: bool) -> HttpResponseBase:
    """Send the file, or where to fetch it, to somebody who may have it; saving it is noted. Raises Http404."""
    if as_attachment and request.method == "GET":
        note_download(found, at=timezone.now())
    link = bucket_link(found, as_attachment=as_attachment, method=request.method or "GET")
    if link is None:
        return _from_folder(request, found, as_attachment=as_attachment)
    # Browsers refuse subtitles that a redirect takes to another site.
    if content_type(found).startswith("text/vtt") and not as_attachment:
        return _through_this_site(found)
    return HttpResponseRedirect(link, headers={"Cache-Control": "private, no-store"})


def _may_see(request: HttpRequest) -> Q:
    """On a machine of development what the command line made is everybody's: it belongs to nobody who logs in."""
    own = Q(job__user=request.user) if request.user.is_authenticated else Q(pk__in=[])
    return own | Q(job__user__email=OPERATOR_EMAIL) if settings.DEBUG else own


def _from_folder(request: HttpRequest, found: Asset, *, as_attachment: bool) -> HttpResponseBase:
    path = Path(storages["generated-assets"].path(found.storage_name))
    if not path.is_file():
        raise Http404
    return serve_file(
        request,
        path,
        content_type=content_type(found),
        name=saved_name(found),
        as_attachment=as_attachment,
        sha256=found.sha256,
    )


def _through_this_site(found: Asset) -> HttpResponse:
    try:
        with storages["generated-assets"].open(found.storage_name) as source:
            content = source.read()
    except FileNotFoundError as error:
        raise Http404 from error
    return HttpResponse(content, content_type=content_type(found), headers={"Cache-Control": "private, max-age=3600"})
