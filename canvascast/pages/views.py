"""Public pages that belong to no app: help, the terms, privacy, how the site is doing, and no connection."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer what people ask."""
    return render(request, "pages/help.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Say what is agreed between the operator and those who use the site."""
    return render(request, "pages/terms.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept about people, for how long, and who sees it."""
    return render(request, "pages/privacy.html")


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Say in words whether the parts of the site work."""
    return render(request, "pages/status.html")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show what a browser keeps for the time without a connection: the same for everybody."""
    return render(request, "pages/offline.html")
