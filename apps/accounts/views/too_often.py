"""The page for those who asked too often; it says when they may ask again."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.waiting import wait_of


def too_often(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 429; allauth calls this as the site's `handler429`."""
    wait = wait_of(request)
    response = render(request, "429.html", {"when": wait.in_words}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(wait.seconds)
    return response
