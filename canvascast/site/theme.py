"""Light or dark: the system's choice until a visitor makes one, kept in a cookie so that the first paint is right."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

COOKIE = "theme"
CHOICES = ("light", "dark")
_KEPT_SECONDS = 365 * 24 * 3600


def theme(request: HttpRequest) -> dict[str, str]:
    """For every template: `theme` is "light", "dark", or "" for the system's."""
    chosen = request.COOKIES.get(COOKIE, "")
    return {"theme": chosen if chosen in CHOICES else ""}


# Another site could at worst turn the light off; a token would put a cookie on every visitor.
@csrf_exempt
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen, anything else than light or dark being the system's, and go back to the page."""
    page = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(page, request.get_host(), require_https=request.is_secure())
    response = redirect(page if own else "/")
    chosen = request.POST.get("theme", "")
    if chosen in CHOICES:
        response.set_cookie(
            COOKIE, chosen, max_age=_KEPT_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
