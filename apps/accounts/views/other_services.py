"""allauth's pages about other services (Google): closed while none is set up, in words when one is away.

Connecting one to an account wants a fresh code, for it is a way in for good.
"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus

import requests
import structlog
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.utils import get_request_param
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from apps.accounts.views.visitor import View, is_fresh, own_page, to_the_code

log = structlog.get_logger("accounts")


def while_offered(view: View) -> View:
    """Let the page be missing while no other service is set up."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.SOCIALACCOUNT_PROVIDERS:
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def fresh_to_connect(view: View) -> View:
    """Let only somebody who typed a fresh code connect another way in to their account; logging in needs none."""

    @own_page
    def connecting(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return to_the_code(request, back=reverse("socialaccount_connections"))

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        wants_to_connect = get_request_param(request, "process") == AuthProcess.CONNECT
        return (connecting if wants_to_connect else view)(request, *args, **kwargs)

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
