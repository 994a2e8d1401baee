"""Serving private files: the caller has checked who asks; ranges and conditions are WhiteNoise's."""

from __future__ import annotations

from pathlib import Path

from allauth.account.adapter import get_adapter
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.responders import StaticFile


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from, believing as many X-Forwarded-For entries as TRUSTED_PROXIES says.

    Raises PermissionDenied when there is none.
    """
    address: str = get_adapter(request).get_client_ip(request)
    return address


def serve_file(request: HttpRequest, path: Path, *, content_type: str, download_name: str = "") -> HttpResponseBase:
    """Answer with the file or the range of it that was asked for (200, 206, 304 or 416).

    With `download_name` the browser saves it under that name instead of showing it.
    """
    headers = [("Content-Type", content_type), ("Cache-Control", "private, max-age=3600"), ("Accept-Ranges", "bytes")]
    if download_name:
        headers.append(("Content-Disposition", f'attachment; filename="{download_name}"'))
    found = StaticFile(str(path), headers).get_response(request.method, request.META)
    response: HttpResponseBase
    if found.file is None:
        response = HttpResponse(status=int(found.status))
    else:
        response = FileResponse(found.file, status=int(found.status))
    for name, value in found.headers:
        response[name] = value
    return response
