"""The credits page and the history as a file."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.billing import queries
from apps.billing.spreadsheet import csv_lines
from canvascast.errors import NotFound

MOVEMENTS_A_PAGE = 50


@login_required
@require_safe
def credits_page(request: HttpRequest) -> HttpResponse:
    """Show the balance, what is left of it until when, and what moved it, newest first; `?video` shows one video's."""
    user = _signed_in(request)
    if "video" in request.GET:
        return _one_video(request, user)
    movements = queries.history(user.pk, MOVEMENTS_A_PAGE, _before(request))
    context = {
        "balance": queries.balance(user.pk),
        "lots": queries.lots(user.pk),
        "movements": movements,
        "older_than": movements[-1].seq if len(movements) == MOVEMENTS_A_PAGE else None,
        "sells_credits": settings.PAYMENTS_ENABLED,
    }
    return render(request, "billing/credits.html", context)


@login_required
@require_safe
def credits_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Send the whole history as CSV, oldest first."""
    lines = csv_lines(queries.whole_history(_signed_in(request).pk))
    headers = {
        "Content-Disposition": 'attachment; filename="canvascast-credits.csv"',
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _one_video(request: HttpRequest, user: User) -> HttpResponse:
    try:
        movements = queries.history_of_video(user.pk, UUID(request.GET["video"]))
    except (NotFound, ValueError) as error:
        raise Http404 from error
    return render(request, "billing/video_credits.html", {"movements": movements, "title": movements[0].title})


def _signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
