"""Pages about one's own account that allauth does not have."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache


@never_cache
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Send somebody who just logged in to where they want to be: the waiting draft, else the videos."""
    return redirect("/app")


@never_cache
@login_required
def settings_home(request: HttpRequest) -> HttpResponse:
    """Show what can be set."""
    return render(request, "accounts/settings.html")
