"""The credits page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.billing import queries

MOVEMENTS_A_PAGE = 50


@login_required
@require_safe
def credits_page(request: HttpRequest) -> HttpResponse:
    """Show the balance and what moved it, newest first."""
    assert isinstance(request.user, User)
    movements = queries.history(request.user.pk, MOVEMENTS_A_PAGE, _before(request))
    context = {
        "balance": queries.balance(request.user.pk),
        "movements": movements,
        "older_than": movements[-1].seq if len(movements) == MOVEMENTS_A_PAGE else None,
    }
    return render(request, "billing/credits.html", context)


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
