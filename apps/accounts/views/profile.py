"""Settings: what a user tells about themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import actions
from apps.accounts.forms import ProfileForm
from apps.accounts.overview import overview_of
from apps.accounts.queries import profile_of
from apps.accounts.views.visitor import own_page, user_of


@require_safe
@own_page
def settings_home(request: HttpRequest) -> HttpResponse:
    """List what can be set, and what is set now."""
    context = {
        "overview": overview_of(user_of(request), at=timezone.now()),
        "notifications_url": _url_if_there("notifications:preferences"),
        "voices_url": _url_if_there("pipeline:voices") if settings.CLONER else "",
        "has_google": bool(settings.SOCIALACCOUNT_PROVIDERS),
    }
    return render(request, "accounts/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def profile(request: HttpRequest) -> HttpResponse:
    """Show and take the display name, the picture and the time zone."""
    user = user_of(request)
    kept = profile_of(user)
    form = ProfileForm(request.POST or None, request.FILES or None, profile=kept)
    if form.is_valid():
        actions.change_profile(user=user, changes=form.changes(), at=timezone.now())
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form, "profile": kept})


@require_safe
@own_page
def avatar(request: HttpRequest) -> HttpResponseBase:
    """Serve the user's own picture."""
    name = profile_of(user_of(request)).avatar
    if not name:
        raise Http404
    return FileResponse(default_storage.open(name), content_type="image/webp")


def _url_if_there(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
