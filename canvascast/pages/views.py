"""Public pages that belong to no app: help, the terms, privacy, how the site is doing, and no connection."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from canvascast.health.summary import SUMMARY
from canvascast.pages.bare import bare_page
from canvascast.pages.facts import facts


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer what people ask."""
    return render(request, "pages/help.html", {"facts": facts()})


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Say what is agreed between the operator and those who use the site."""
    return render(request, "pages/terms.html", {"facts": facts()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept about people, for how long, and who sees it."""
    return render(request, "pages/privacy.html", {"facts": facts()})


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Say in words whether the parts of the site work, without the request: its user is in the database."""
    parts = SUMMARY.parts()
    return bare_page(request, "pages/status.html", {"parts": parts, "all_work": all(part.works for part in parts)})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show what a browser keeps for the time without a connection: the same for everybody, with nobody's name on it."""
    return HttpResponse(render_to_string("pages/offline.html"))
