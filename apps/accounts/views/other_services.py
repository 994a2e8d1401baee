"""allauth's pages about other services (Google), closed while none is set up, and in words when one is away."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus

import requests
import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from apps.accounts.views.visitor import View

log = structlog.get_logger("accounts")


def while_offered(view: View) -> View:
    """Let the page be missing while no other service is set up."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.SOCIALACCOUNT_PROVIDERS:
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def or_say_it_is_away(view: View) -> View:
    """Answer in words when the other service does not: allauth asks it for its addresses before it has a page."""

    @wraps(view)
    def caught(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except requests.RequestException as away:
            log.warning("openid_service_away", error=type(away).__name__)
            return render(request, "socialaccount/authentication_error.html", status=HTTPStatus.BAD_GATEWAY)

    return caught
