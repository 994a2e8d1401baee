"""The credits page and the history as a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.accounts.views.visitor import user_of
from apps.billing import queries
from apps.billing.arrivals import arrival_context
from apps.billing.catalogue import PACKS, PLANS
from apps.billing.payments import queries as payments
from apps.billing.payments.checkouts import own_path
from apps.billing.spreadsheet import csv_lines
from canvascast.errors import NotFound

MOVEMENTS_A_PAGE = 50


@login_required
@require_safe
def credits_page(request: HttpRequest) -> HttpResponse:
    """Show the balance, what is left of it until when, and what moved it, newest first; `?video` shows one video's."""
    if "video" in request.GET:
        return _one_video(request, user_of(request))
    context = {
        **credits_context(request),
        "was_canceled": request.GET.get("canceled") == "true",
        "back": own_path(request.GET.get("back", "")),
        **_arrival(request),
    }
    return render(request, "billing/credits.html", context)


@login_required
@require_safe
def credits_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole history as CSV, oldest first."""
    lines = csv_lines(queries.whole_history(user_of(request).pk))
    headers = {
        "Content-Disposition": 'attachment; filename="canvascast-credits.csv"',
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def credits_context(request: HttpRequest) -> dict[str, Any]:  # Any: template context
    """Return what the page shows whatever brought somebody there."""
    user = user_of(request)
    movements = queries.history(user.pk, MOVEMENTS_A_PAGE, _before(request))
    return {
        "balance": queries.balance(user.pk),
        "lots": queries.lots(user.pk),
        "movements": movements,
        "older_than": movements[-1].seq if len(movements) == MOVEMENTS_A_PAGE else None,
        **(_shop(user) if settings.PAYMENTS_ENABLED else {}),
    }


def _shop(user: User) -> dict[str, Any]:  # Any: as above
    plan = payments.plan_of(user)
    return {
        "sells_credits": True,
        "adds_tax": settings.STRIPE_AUTOMATIC_TAX,
        "packs": PACKS,
        "plans": () if plan else PLANS,
        "plan": plan,
        "plan_credits_until": queries.end_of_plan_credits(user.pk, at=timezone.now()) if plan else None,
        "receipts": payments.receipts(user),
    }


def _arrival(request: HttpRequest) -> dict[str, Any]:  # Any: as above
    """Return what to say of the visit to the payment page that somebody comes back from; nothing of anybody else's."""
    if request.GET.get("success") != "true":
        return {}
    try:
        return arrival_context(user_of(request), UUID(request.GET.get("checkout", "")), request.GET)
    except (NotFound, ValueError):
        return {}


def _one_video(request: HttpRequest, user: User) -> HttpResponse:
    try:
        movements = queries.history_of_video(user.pk, UUID(request.GET["video"]))
    except (NotFound, ValueError) as error:
        raise Http404 from error
    return render(request, "billing/video_credits.html", {"movements": movements, "title": movements[0].title})


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
