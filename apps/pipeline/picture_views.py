"""Small pictures of a video's scenes, from the moment they are drawn, for its owner."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from apps.accounts.views.visitor import user_of
from apps.pipeline.small_pictures import small_picture
from canvascast.errors import NotFound
from canvascast.http import serve_file


@login_required
@require_safe
def picture(request: HttpRequest, video_id: UUID, sha256: str, width: int) -> HttpResponseBase:
    """Send one picture, small. Its address names its content, so a browser never asks twice."""
    try:
        path = small_picture(user_of(request), video_id, sha256, width)
    except NotFound as error:
        raise Http404 from error
    answer = serve_file(request, path, content_type="image/webp", name=path.name, sha256=f"{sha256}-{width}")
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
