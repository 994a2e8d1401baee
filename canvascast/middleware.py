"""What every request and answer gets: a trace id, a limit on its body, and the headers that keep pages private."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django_structlog.middlewares import RequestMiddleware

from canvascast.logs import bind_user, get_logger
from canvascast.pages.bare import bare_page
from canvascast.pages.outage import is_outage, outage_answer

GetResponse = Callable[[HttpRequest], HttpResponseBase]

log = get_logger("web")

# The first five are answered while the database is down. Who watches a shared video is nobody's business.
_NEED_NO_USER = {
    *("health:health", "health:ready", "metrics:metrics", "pages:status", "pages:offline"),
    *("pipeline:shared", "pipeline:shared_file", "pipeline:embed", "pipeline:oembed"),
}
_TRACE_ID = re.compile(r"[0-9A-Za-z-]{16,64}")


class RequestLog(RequestMiddleware):
    """One log line a request, under a trace id that the caller may give as X-Trace-Id and gets back.

    It names the route and not the address: addresses carry tokens.
    """

    def prepare(self, request: HttpRequest) -> None:
        given = request.headers.get("X-Trace-Id", "")
        trace_id = given if _TRACE_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["canvascast.trace_id"] = trace_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(traceId=trace_id, service="web")
        super().prepare(request)
        structlog.contextvars.unbind_contextvars("request_id")

    def process_view(self, request: HttpRequest, *view: Any) -> None:  # Any: the view and its arguments, not looked at
        self.bind_user_id(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        response["X-Trace-Id"] = request.META["canvascast.trace_id"]
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        match = request.resolver_match
        return f"{request.method} /{match.route}" if match else f"{request.method} (no such page)"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Ask for the user only where there is a session: a look at it marks the answer as varying by cookie.

        Some pages do without.
        """
        if request.resolver_match and request.resolver_match.view_name in _NEED_NO_USER:
            return
        if settings.SESSION_COOKIE_NAME in request.COOKIES and hasattr(request, "user"):
            # That the database does not answer is told by whoever needs it.
            with suppress(DatabaseTrouble):
                bind_user(request.user.pk)


class SitePolicy(CSPMiddleware):
    """The strict policy everywhere but under the paths of LOOSE_POLICY_PATHS."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(settings.LOOSE_POLICY_PATHS):
            parts.replace = settings.LOOSE_POLICY
        return parts


def private_pages(get_response: GetResponse) -> GetResponse:
    """Let no browser or proxy keep what a signed-in person was shown; an answer that says otherwise itself is left."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        cookie = settings.SESSION_COOKIE_NAME
        is_personal = cookie in request.COOKIES or cookie in response.cookies or "Authorization" in request.headers
        # What is refused now may be there in a minute.
        if is_personal or response.status_code >= HTTPStatus.BAD_REQUEST:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return respond


class Outage:
    """Say that what the site needs does not answer or has no room, in place of the page for bugs; nothing was changed.

    What middleware raises gets there by `refusals.broken`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return outage_answer(request, error) if is_outage(error) else None


def page_for_a_wrong_method(get_response: GetResponse) -> GetResponse:
    """Say in words what Django answers with an empty page: this address is the end of a form."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_empty = isinstance(response, HttpResponseNotAllowed) and not response.content
        if not is_empty or request.method == "HEAD" or request.path_info.startswith("/api/"):
            return response
        page = bare_page(request, "405.html", {}, HTTPStatus.METHOD_NOT_ALLOWED)
        page["Allow"] = response["Allow"]
        return page

    return respond


def no_nul_in_addresses(get_response: GetResponse) -> GetResponse:
    """Find nothing at an address with a NUL: PostgreSQL takes none, so whatever it is to name is not there."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info:
            raise Http404
        return get_response(request)

    return respond


def body_limit(get_response: GetResponse) -> GetResponse:
    """Refuse a body that is longer than its path takes before a byte of it is read."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        limit = _limit_of(request.path_info)
        if _announced_bytes(request) > limit:
            return _too_large(request, limit)
        return get_response(request)

    return respond


def _limit_of(path: str) -> int:
    limits = (limit for beginning, limit in settings.UPLOAD_MAX_BYTES.items() if path.startswith(beginning))
    return max(limits, default=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _announced_bytes(request: HttpRequest) -> int:
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return int(announced) if announced.isdecimal() else 0


def _too_large(request: HttpRequest, limit: int) -> HttpResponse:
    megabytes, status = limit // 1_000_000, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if request.path_info.startswith("/api/"):
        sentence = f"That is too large: at most {megabytes} MB are taken here."
        answer = {"error": sentence, "code": "VALIDATION_ERROR", "details": {"maxBytes": limit}}
        return JsonResponse(answer, status=status)
    return bare_page(request, "413.html", {"megabytes": megabytes}, status)
