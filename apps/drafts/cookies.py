"""The visitor's cookie: the only place where a draft's token is."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.drafts import limits


def token_in(request: HttpRequest) -> str:
    """Return the draft token that the browser sent, or ""."""
    return request.COOKIES.get(settings.DRAFT_COOKIE_NAME, "")


def put_token(response: HttpResponseBase, token: str) -> None:
    """Let the browser keep `token` as long as its draft is kept."""
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME,
        token,
        max_age=limits.KEPT_UNCLAIMED,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def drop_token(response: HttpResponseBase) -> None:
    """Make the browser forget its draft token."""
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, path="/", samesite="Lax")
