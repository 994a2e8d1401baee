"""The pages on which users choose what is mailed to them: one for all switches, and one for who has only a mail."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.accounts.queries import address_of
from apps.accounts.views.visitor import fresh_page, own_page, user_of
from apps.notifications import mail_log
from apps.notifications.actions import change_preferences
from apps.notifications.forms import PreferencesForm
from apps.notifications.queries import preferences_of, suppression_of
from apps.notifications.unsubscribing import NoSuchLink, subscription_of


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
    address = address_of(user.pk)
    context = {"form": form, "address": address, "suppression": suppression_of(address) if address else None}
    return render(request, "notifications/preferences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_page
def confirm_mailbox(request: HttpRequest) -> HttpResponse:
    """Mail again to an address that mail came back from, once a code that was mailed there was typed here."""
    address = address_of(user_of(request).pk)
    if request.method != "POST":
        return render(request, "notifications/confirm_mailbox.html", {"address": address})
    if address:
        mail_log.release(address)
        messages.success(request, f"Mail goes to {address} again.")
    return redirect("notifications:preferences")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def turn_off(request: HttpRequest, switch_token: str) -> HttpResponse:
    """Turn one kind of mail off, or on again, for whom the signed link was mailed to.

    Looking changes nothing, for mail scanners look. A POST needs no login, no cookie and no CSRF token: mail programs
    send it (RFC 8058, which wants no redirect either).
    """
    try:
        subscription = subscription_of(switch_token)
    except NoSuchLink:
        return render(request, "notifications/no_such_link.html", status=HTTPStatus.NOT_FOUND)
    user, switch = subscription.user, subscription.switch
    if request.method == "POST":
        change_preferences(user=user, changes={switch: "on" in request.POST}, at=timezone.now())
    context = {"label": subscription.label, "is_on": getattr(preferences_of(user), switch)}
    return render(request, "notifications/turn_off.html", {**context, "was_turned": request.method == "POST"})
