"""Where a login leads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import actions
from apps.accounts.forms import WelcomeForm
from apps.accounts.landing import VIDEOS, landing_page
from apps.accounts.queries import profile_of
from apps.accounts.views.visitor import own_page, user_of


@require_safe
@own_page
def start(request: HttpRequest) -> HttpResponse:
    """Send somebody who just logged in to the draft they left, else to the welcome page once, else to their videos."""
    return redirect(landing_page(request.session, profile_of(user_of(request))))


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def welcome(request: HttpRequest) -> HttpResponse:
    """Ask a newcomer for a name and a time zone; both can be skipped."""
    user = user_of(request)
    form = WelcomeForm(request.POST or None, profile=profile_of(user))
    skips = request.method == "POST" and "skip" in request.POST
    if not skips and not form.is_valid():
        return render(request, "accounts/welcome.html", {"form": form})
    if not skips:
        actions.change_profile(user=user, changes=form.changes(), at=timezone.now())
    actions.mark_welcomed(user=user, at=timezone.now())
    return redirect(VIDEOS)
