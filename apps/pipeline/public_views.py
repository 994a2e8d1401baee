"""What anybody sees of a shared video: its page, the frame for other sites, its files, and oEmbed.

Nothing here looks at a session or sets a cookie, and nothing may be kept: an ended link ends at once.
"""

from __future__ import annotations

import math
import re
from http import HTTPStatus
from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from apps.pipeline import embedding
from apps.pipeline.media_views import file_answer
from apps.pipeline.playing import moment_of
from apps.pipeline.shared_videos import SharedVideo, shared_file, shared_video
from canvascast.api.throttles import Counts, Shared, SharedFiles
from canvascast.errors import Invalid, NotFound, RateLimited, Refused
from canvascast.pages.bare import bare_page

_pages, _files = Shared(), SharedFiles()
_NOT_SHARED = "pipeline/not_shared.html"
_PIXELS = re.compile(r"[1-9][0-9]{0,4}")


@require_safe
def shared(request: HttpRequest, share_token: str) -> HttpResponse:
    """Show the video with its words to whoever has the link, and the same calm page to everybody else."""
    return _page(request, share_token, "pipeline/shared.html", otherwise=_NOT_SHARED)


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]  # its types know no view with arguments
def embed(request: HttpRequest, share_token: str) -> HttpResponse:
    """Show the player alone, for a frame in any page."""
    return _page(request, share_token, "pipeline/embed.html", otherwise="pipeline/embed_nothing.html")


@require_safe
def file(request: HttpRequest, share_token: str, share_file: str) -> HttpResponseBase:
    """Send the film, its captions or its poster, asking anew each time whether it is still shared."""
    if not _files.allow_request(request):
        return _too_often(request, _files, _NOT_SHARED)
    try:
        answer = file_answer(request, shared_file(share_token, share_file), as_attachment=False)
    except (NotFound, Http404):
        return _nothing(request, _NOT_SHARED)
    answer["X-Robots-Tag"] = "noindex"
    # Where it leads into a bucket, that way is not to be kept at all.
    if "Location" not in answer:
        answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """Tell a program how a shared video is embedded, as oembed.com describes it."""
    try:
        content = _oembed(request)
    except Refused as refusal:
        answer = JsonResponse({"error": refusal.sentence}, status=refusal.status)
        if seconds := refusal.details.get("retryAfterSeconds"):
            answer["Retry-After"] = str(seconds)
        return _unlisted(answer)
    return _unlisted(JsonResponse(content))


def _oembed(request: HttpRequest) -> dict[str, Any]:  # Any: JSON
    if not _pages.allow_request(request):
        raise RateLimited("Too many questions at once.", {"retryAfterSeconds": _seconds_to_wait(_pages)})
    _require_json(request.GET.get("format", "json"))
    address = request.GET.get("url", "")
    if not address:
        raise Invalid("Say as `url` which video it is.")
    most_wide, most_high = _pixels(request.GET.get("maxwidth", "")), _pixels(request.GET.get("maxheight", ""))
    video = shared_video(embedding.token_in(address))
    return embedding.oembed_answer(video, most_wide=most_wide, most_high=most_high)


def _require_json(format: str) -> None:
    if format == "xml":
        raise embedding.FormatNotOffered("Only JSON is answered.")
    if format != "json":
        raise Invalid("`format` is json.")


def _pixels(given: str) -> int | None:
    if given and not _PIXELS.fullmatch(given):
        raise Invalid("`maxwidth` and `maxheight` are whole numbers of pixels from 1 on.")
    return int(given) if given else None


def _page(request: HttpRequest, token: str, template: str, *, otherwise: str) -> HttpResponse:
    if not _pages.allow_request(request):
        return _too_often(request, _pages, otherwise)
    try:
        video = shared_video(token)
    except NotFound:
        return _nothing(request, otherwise)
    return _unlisted(bare_page(request, template, _values(request, video)))


def _values(request: HttpRequest, video: SharedVideo) -> dict[str, Any]:  # Any: template values
    """The parts that its owner's page has too look for what they show under `video` and `ready`."""
    return {
        "request": request,
        "video": video,
        "ready": video,
        "starts_at": moment_of(request.GET.get("t", "")),
        "links": embedding.links_of(video),
    }


def _nothing(request: HttpRequest, template: str) -> HttpResponse:
    return _unlisted(bare_page(request, template, {"request": request}, HTTPStatus.NOT_FOUND))


def _too_often(request: HttpRequest, throttle: Counts, template: str) -> HttpResponse:
    seconds = _seconds_to_wait(throttle)
    answer = bare_page(request, template, {"request": request, "wait": seconds}, HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(seconds)
    return _unlisted(answer)


def _seconds_to_wait(throttle: Counts) -> int:
    return max(1, math.ceil(throttle.wait() or 1))


def _unlisted(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
