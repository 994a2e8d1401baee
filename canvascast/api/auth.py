"""Who asks: a program by its API key, or a person's browser by its session."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from apps.accounts.api_keys import user_of_key
from apps.accounts.models import User
from canvascast.logs import bind_user


class Request(HttpRequest):
    """A request that passed one of the two ways in."""

    auth: User


class ByKey(HttpBearer):
    """`Authorization: Bearer cc_…`; nothing that a browser sends by itself, so no CSRF check."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the key's user, None when the key is unknown or revoked."""
        user = user_of_key(token, timezone.now())
        if user is not None:
            bind_user(user.pk)
        return user


class BySession(SessionAuth):
    """The session cookie, with Django's CSRF check for methods that change something.

    A request that names a key is judged by the key alone. Nobody signed in is a 401 and not a failed CSRF check.
    """

    def __call__(self, request: HttpRequest) -> User | None:
        """Return the signed-in user. Raises HttpError 403 when another site may have sent the request."""
        if "Authorization" in request.headers or not isinstance(request.user, User):
            return None
        if check_csrf(request):
            raise HttpError(HTTPStatus.FORBIDDEN, "The CSRF token is missing or wrong. Please reload the page.")
        return request.user
