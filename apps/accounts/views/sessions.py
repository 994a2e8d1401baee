"""Settings: where the user is logged in."""

from __future__ import annotations

from allauth.usersessions.forms import ManageUserSessionsForm
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.sessions import end_session, open_sessions
from apps.accounts.views.visitor import in_own_time, own_page, user_of
from canvascast.errors import NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@in_own_time
def sessions(request: HttpRequest) -> HttpResponse:
    """List the browsers; log out all but this one when asked to."""
    if request.method == "POST":
        ManageUserSessionsForm(request=request).save(request)
        messages.success(request, "You are logged out everywhere but here.")
        return redirect("usersessions_list")
    found = open_sessions(user_of(request), current=request.session.session_key, at=timezone.now())
    return render(request, "usersessions/usersession_list.html", {"sessions": found})


@require_POST
@own_page
def end_one(request: HttpRequest, session_id: int) -> HttpResponse:
    """Log one browser out."""
    try:
        end_session(user_of(request), session_id)
    except NotFound as missing:
        raise Http404 from missing
    messages.success(request, "That browser is logged out.")
    return redirect("usersessions_list")
