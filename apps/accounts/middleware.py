"""Staff work only behind a second factor."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.accounts.models import User
from apps.accounts.queries import has_second_factor

STAFF_PAGES = "/admin/"


class StaffSecondFactor:
    """Sends a member of staff without a second factor from the admin to the page that sets one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or redirect it."""
        if request.path.startswith(STAFF_PAGES) and _lacks_second_factor(request):
            messages.warning(request, "Staff pages need a second factor. Set one up, then come back.")
            return redirect("mfa_index")
        return self.get_response(request)


def _lacks_second_factor(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_staff and not has_second_factor(request.user)
