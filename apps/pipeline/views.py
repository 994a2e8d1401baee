"""The plain list of videos made on this machine; pages for accounts come with accounts."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.actions import operator_account
from apps.pipeline.queries import recent_videos


@require_safe
def videos(request: HttpRequest) -> HttpResponse:
    """List what was made from the command line of this machine."""
    _require_development()
    return render(request, "pipeline/videos.html", {"videos": recent_videos(operator_account())})


def _require_development() -> None:
    """Nobody can log in yet: the operator's videos are shown on the operator's own machine only."""
    if not settings.DEBUG:
        raise Http404
