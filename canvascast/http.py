"""Who asks; and serving private files to whom the caller has checked: ranges and conditions are WhiteNoise's."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any

from allauth.account.adapter import get_adapter
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from whitenoise.responders import Response, SlicedFile, StaticFile

_SIGNS_OF_A_PROXY = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from, believing as many X-Forwarded-For entries as TRUSTED_PROXIES says.

    Raises PermissionDenied when there is none.
    """
    address: str = get_adapter(request).get_client_ip(request)
    return address


def is_from_this_machine(request: HttpRequest) -> bool:
    """Tell whether this machine asks for itself: a proxy on it passes others' questions on, and says so."""
    if any(header in request.headers for header in _SIGNS_OF_A_PROXY):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def is_piece(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a piece of a page."""
    return request.headers.get("HX-Request") == "true"


def serve_file(
    request: HttpRequest, path: Path, *, content_type: str, name: str, as_attachment: bool = False, sha256: str = ""
) -> HttpResponseBase:
    """Answer with the file or the range of it that was asked for (200, 206, 304 or 416).

    Browsers save it as `name`, at once if it is an attachment. With `sha256` of the content that is its ETag.
    """
    headers = [("Content-Type", content_type), ("Cache-Control", "private, max-age=3600"), ("Accept-Ranges", "bytes")]
    headers.append(("Content-Disposition", content_disposition_header(as_attachment, name) or "attachment"))
    if sha256:
        headers.append(("ETag", f'"{sha256}"'))
    found = _RangedFile(str(path), headers).get_response(request.method or "GET", request.META)
    response: HttpResponseBase
    if found.file is None:
        response = HttpResponse(status=int(found.status))
    else:
        response = FileResponse(found.file, status=int(found.status))
    for name, value in found.headers:
        response[name] = value
    return response


class _RangedFile(StaticFile):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise's answers, and what RFC 9110 asks beyond them: If-Range, HEAD without ranges, ranges of one byte."""

    def __init__(self, path: str, headers: list[tuple[str, str]]) -> None:
        super().__init__(path, headers)
        self._validators = {self.etag, dict(self.alternatives[0][2]).get("Last-Modified")}

    def get_response(self, method: str, request_headers: Mapping[str, Any]) -> Response:  # Any: WSGI's environment
        condition = request_headers.get("HTTP_IF_RANGE")
        if method == "HEAD" or (condition is not None and condition not in self._validators):
            request_headers = {name: value for name, value in request_headers.items() if name != "HTTP_RANGE"}
        return super().get_response(method, request_headers)

    def get_range_response(
        self, range_header: str, base_headers: list[tuple[str, str]], file_handle: IO[bytes] | None
    ) -> Response:
        headers = dict(base_headers)
        size = int(headers.pop("Content-Length"))
        first, last = self.get_byte_range(range_header, size)
        if first >= size or file_handle is None:
            return self.get_range_not_satisfiable_response(file_handle, size)
        headers |= {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(last - first + 1)}
        return Response(HTTPStatus.PARTIAL_CONTENT, list(headers.items()), SlicedFile(file_handle, first, last))

    def get_byte_range(self, range_header: str, size: int) -> tuple[int, int]:
        first, last = self.parse_byte_range(range_header)
        if last is not None and last < first:
            raise ValueError("no range: ignored, as RFC 9110 section 14.1.1 wants it")
        if first == 0 and range_header.partition("=")[2].strip().startswith("-"):
            return size, size
        first, last = super().get_byte_range(range_header, size)
        return first, last
