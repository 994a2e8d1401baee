"""The page on which users choose what is mailed to them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.accounts.queries import address_of
from apps.accounts.views.visitor import own_page, user_of
from apps.notifications.actions import change_preferences
from apps.notifications.forms import PreferencesForm
from apps.notifications.queries import preferences_of


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and take the switches."""
    user = user_of(request)
    form = PreferencesForm(request.POST if request.method == "POST" else None, kept=preferences_of(user))
    if form.is_valid():
        change_preferences(user=user, changes=form.changes(), at=timezone.now())
        messages.success(request, "Saved.")
        return redirect("notifications:preferences")
    return render(request, "notifications/preferences.html", {"form": form, "address": address_of(user.pk)})
