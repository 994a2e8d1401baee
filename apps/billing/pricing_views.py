"""The public page about prices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Say what a video costs."""
    return render(request, "billing/pricing.html")
