"""The way to Stripe's pages and back."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.views.visitor import user_of
from apps.billing.arrivals import arrival_context
from apps.billing.payments.checkouts import own_path, start_checkout
from apps.billing.payments.plans import open_portal
from apps.billing.views import credits_context
from canvascast.errors import NotFound, Refused

_FROM_A_FORM = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@_FROM_A_FORM
def buy(request: HttpRequest) -> HttpResponseBase:
    """Go to the payment page for `item`; `back` is the page that needs the credits.

    A refusal shows the whole credits page under this address, so a login or a reload may ask for it without the form.
    """
    if request.method != "POST":
        return redirect("billing:credits")
    try:
        address = start_checkout(
            user=user_of(request),
            item_key=request.POST.get("item", ""),
            back=request.POST.get("back", ""),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _refused(request, refusal)
    return redirect(address)


@login_required
@_FROM_A_FORM
def manage_plan(request: HttpRequest) -> HttpResponseBase:
    """Go to the page on which plan, card and invoices are looked after; without the form, as `buy`."""
    if request.method != "POST":
        return redirect("billing:credits")
    try:
        return redirect(open_portal(user=user_of(request)))
    except Refused as refusal:
        return _refused(request, refusal)


@login_required
@require_safe
def arrived(request: HttpRequest, checkout_id: UUID) -> HttpResponse:
    """Answer the page that waits for a payment: what became of it by now, and once it is there, all that changed."""
    try:
        context = arrival_context(user_of(request), checkout_id, request.GET)
    except NotFound as error:
        raise Http404 from error
    return render(request, "billing/_arrived.html", {**credits_context(request), **context})


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    context = {**credits_context(request), "refusal": refusal.sentence, "back": own_path(request.POST.get("back", ""))}
    return render(request, "billing/credits.html", context, status=refusal.status)
