"""What a browser shows when the connection is lost: a page that its service worker kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script, from the root of the site: it may only answer for pages below its own address."""
    return render(request, "service_worker.js", content_type="text/javascript; charset=utf-8")
