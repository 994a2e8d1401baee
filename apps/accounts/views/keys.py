"""Settings: keys for programs."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.api_keys import LIVE_KEYS_MAX, TooManyKeys, create_key, revoke_key
from apps.accounts.forms import ApiKeyForm
from apps.accounts.queries import live_keys
from apps.accounts.views.visitor import fresh_page, in_own_time, own_page, user_of
from canvascast.errors import NotFound


@require_safe
@in_own_time
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys that work."""
    return render(request, "accounts/keys.html", {"keys": live_keys(user_of(request)), "keys_max": LIVE_KEYS_MAX})


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_page
def new_key(request: HttpRequest) -> HttpResponse:
    """Make a key and show its secret, this once."""
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        try:
            key, secret = create_key(user=user_of(request), name=form.cleaned_data["name"], at=timezone.now())
        except TooManyKeys as refused:
            form.add_error(None, refused.sentence)
        else:
            return render(request, "accounts/key_made.html", {"key": key, "secret": secret})
    return render(request, "accounts/new_key.html", {"form": form})


@require_POST
@own_page
def end_key(request: HttpRequest, key_id: uuid.UUID) -> HttpResponse:
    """Revoke a key."""
    try:
        revoke_key(user=user_of(request), key_id=key_id, at=timezone.now())
    except NotFound as missing:
        raise Http404 from missing
    messages.success(request, "The key no longer works.")
    return redirect("accounts:keys")
