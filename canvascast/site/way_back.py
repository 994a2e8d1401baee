"""Where somebody comes back to whose session ended before they pressed a button."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def way_back_to_the_form(get_response: GetResponse) -> GetResponse:
    """Let a login lead back to the page on which a form stood, not to where it was sent: many take a POST only."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        leads_to = response.headers.get("Location", "") if request.method == "POST" else ""
        if leads_to and leads_to == _login(request.get_full_path()):
            response.headers["Location"] = _login(_page_of_form(request))
        return response

    return respond


def _login(page: str) -> str:
    return str(redirect_to_login(page).url)


def _page_of_form(request: HttpRequest) -> str:
    """Return the page that the browser names as the one it comes from, or where a login leads by itself."""
    came_from, page = request.headers.get("Referer", ""), ""
    if url_has_allowed_host_and_scheme(came_from, request.get_host(), require_https=request.is_secure()):
        parts = urlsplit(came_from)
        page = urlunsplit(("", "", parts.path, parts.query, ""))
    is_path = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if is_path else resolve_url(settings.LOGIN_REDIRECT_URL)
