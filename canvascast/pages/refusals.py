"""The pages for a form without its token or that nobody can read, and for bugs; the others need only a template."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from canvascast.pages.bare import bare_page
from canvascast.pages.outage import is_outage, outage_answer

# Nothing secret is ever typed into these.
_GIVEN_BACK = {"title": "Title", "prompt": "Description", "transcript": "Script", "display_name": "Your name"}


@requires_csrf_token
def unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old: what was written into it can be copied from the page."""
    return render(request, "403_csrf.html", {"kept": _typed(request)}, status=HTTPStatus.FORBIDDEN)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what could not be read, without another look at it: Django's own page asks for the form's token again."""
    return bare_page(request, "400.html", {}, HTTPStatus.BAD_REQUEST)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer after a bug, with what finds the request in the log; or after an outage that middleware met."""
    error = sys.exc_info()[1]
    if is_outage(error):
        return outage_answer(request, error)
    reference = request.META.get("canvascast.trace_id", "")
    return bare_page(request, "500.html", {"reference": reference}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return label and text of what our own page sent; another site does not put words on ours."""
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        return []
    return [(label, text) for name, label in _GIVEN_BACK.items() if (text := request.POST.get(name, "").strip())]
