"""Who asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from apps.accounts import fresh_codes
from apps.accounts.models import User
from apps.accounts.queries import profile_of

View = Callable[..., HttpResponseBase]


def user_of(request: HttpRequest) -> User:
    """Return who is logged in. Raises PermissionDenied when nobody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def require_development() -> None:
    """Raise Http404 but on a developer's own machine, which shows some pages to whoever is there."""
    if not settings.DEBUG:
        raise Http404


def own_page(view: View) -> View:
    """Let only somebody who is logged in see the page, and nobody keep it."""
    return never_cache(login_required(view))


def in_own_time(view: View) -> View:
    """Let the page say every moment in the time zone that the reader chose."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        with timezone.override(profile_of(user_of(request)).time_zone):
            return view(request, *args, **kwargs)

    return own_page(shown)


def fresh_page(view: View) -> View:
    """Let only somebody who typed a fresh code in the last ten minutes see the page; others type one first."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_fresh(request) else to_the_code(request)

    return own_page(checked)


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the user typed a fresh code in the last ten minutes. Raises PermissionDenied for nobody."""
    return fresh_codes.is_fresh(request.session, user=user_of(request), at=timezone.now())


def to_the_code(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """Send to the page that takes a fresh code, and from there to `back`, or else to what was asked for."""
    return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': back or request.path})}")
