"""What differs when htmx asks for a piece of a page instead of the page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def redirects_of_pieces(get_response: GetResponse) -> GetResponse:
    """Let a redirect change the whole page, not land in a piece of it; after logging in again the page comes back."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
        details: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by django-htmx
        target = response.headers.get("Location", "")
        if not (details and target):
            return response
        return _to_the_page(HttpResponseClientRedirect(_back_to_page(details, target)), response)

    return respond


def _back_to_page(details: HtmxDetails, target: str) -> str:
    login, page = resolve_url(settings.LOGIN_URL), _page_of(details)
    return str(redirect_to_login(page, login).url) if page and target.startswith(login) else target


def _page_of(details: HtmxDetails) -> str | None:
    """Return the path of the page that asks; whatever sent the request may say something else than an address."""
    try:
        return details.current_url_abs_path
    except ValueError:
        return None


def _to_the_page(answer: HttpResponseClientRedirect, redirect: HttpResponseBase) -> HttpResponseBase:
    answer.cookies = redirect.cookies
    return answer
