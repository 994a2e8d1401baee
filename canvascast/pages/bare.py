"""Pages that stand while the database is away: rendered without the request, whose user would be asked for there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from canvascast.site.theme import theme


def bare_page(
    request: HttpRequest,
    template: str,
    values: dict[str, Any],  # Any: template values
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Return the page; of the request only light or dark is taken over."""
    return HttpResponse(render_to_string(template, {**theme(request), **values}), status=status)
