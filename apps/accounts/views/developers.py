"""The page for those who write programs."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.api_keys import LIVE_KEYS_MAX
from apps.accounts.queries import live_keys
from apps.accounts.views.visitor import own_page, user_of


@require_safe
@own_page
def developers(request: HttpRequest) -> HttpResponse:
    """Show the keys that work and where the API is described."""
    context = {"keys": live_keys(user_of(request)), "keys_max": LIVE_KEYS_MAX, "site_url": settings.SITE_URL}
    return render(request, "accounts/developers.html", context)
