"""Every refusal in one shape: `{error, code, details}`. No exception text ever gets into it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

from apps.pipeline.actions import NotPossible
from apps.pipeline.api_bodies import NAMES_OF_FIELDS
from apps.pipeline.briefs import BriefRefused
from apps.pipeline.providers.errors import Rejected
from apps.pipeline.queries import NoSuchVideo
from canvascast.errors import Invalid, NotFound, RateLimited, Refused

_SENTENCES = {
    HTTPStatus.BAD_REQUEST: (
        "VALIDATION_ERROR",
        "The request could not be read: send valid JSON, or a form for files.",
    ),
    HTTPStatus.UNAUTHORIZED: ("AUTH_ERROR", "Please sign in or send a valid API key."),
    HTTPStatus.FORBIDDEN: ("AUTH_ERROR", "You may not do this."),
    HTTPStatus.NOT_FOUND: (NotFound.code, NotFound().sentence),
    HTTPStatus.METHOD_NOT_ALLOWED: ("METHOD_NOT_ALLOWED", "This address does not take that method."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("VALIDATION_ERROR", "The request is too large."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("UNAVAILABLE", "This cannot be done at the moment. Please try again shortly."),
}
_BUG = ("INTERNAL_ERROR", "Something went wrong on our side. We have been told. Please try again.")
_MOST_FIELDS = 20
_LONGEST_NAME = 80


def install(api: NinjaAPI) -> None:
    """Let `api` answer every exception in the one shape; a bug or an outage goes on to Django, which logs it."""
    answers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {  # Any: the class it stands beside
        Refused: lambda request, exc: _answer_refused(exc),
        Rejected: lambda request, exc: _answer_refused(_as_refused(exc)),
        ValidationError: lambda request, exc: _answer_refused(_as_field_errors(exc)),
        Throttled: lambda request, exc: _answer_refused(_as_rate_limit(exc)),
        HttpError: lambda request, exc: _answer_http_error(exc),
        Http404: lambda request, exc: answer_status(HTTPStatus.NOT_FOUND),
        Exception: _raise_again,
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def same_shape(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: what Django itself answers under /api/ (no such path, wrong method, a bug) gets the shape too."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or not request.path_info.startswith("/api/"):
            return response
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        shaped = answer_status(HTTPStatus(response.status_code))
        if "Allow" in response.headers:
            shaped["Allow"] = response.headers["Allow"]
        return shaped

    return respond


def answer_status(status: HTTPStatus) -> JsonResponse:
    """Answer with the sentence and the code that belong to a bare HTTP status."""
    code, sentence = _SENTENCES.get(status, _BUG)
    return _answer(status, code, sentence, {})


def _answer(status: HTTPStatus, code: str, sentence: str, details: Mapping[str, str | int]) -> JsonResponse:
    answer = JsonResponse({"error": sentence, "code": code, "details": dict(details)}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _answer_refused(refused: Refused) -> JsonResponse:
    answer = _answer(refused.status, refused.code, refused.sentence, refused.details)
    if "retryAfterSeconds" in refused.details:
        answer["Retry-After"] = str(refused.details["retryAfterSeconds"])
    return answer


def _answer_http_error(error: HttpError) -> JsonResponse:
    """Ninja's own 400 may carry an exception's text; the sentences of the others are ours."""
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.FORBIDDEN:
        return _answer(status, _SENTENCES[status][0], error.message, {})
    return answer_status(status)


def _as_refused(error: Rejected) -> Refused:
    if isinstance(error, BriefRefused):
        return Invalid(error.sentence, {NAMES_OF_FIELDS.get(error.field, error.field): error.sentence})
    if isinstance(error, NoSuchVideo):
        return NotFound()
    if isinstance(error, NotPossible):
        return Refused(error.sentence)
    return Invalid(error.sentence)


def _as_field_errors(error: ValidationError) -> Refused:
    """An id in the path that is none is not found, like one that nobody has."""
    if any(problem["loc"][0] == "path" for problem in error.errors):
        return NotFound()
    details = {_field(problem["loc"]): _words(problem["msg"]) for problem in error.errors[:_MOST_FIELDS]}
    return Invalid(f"Please check: {', '.join(details)}.", details)


def _field(location: tuple[str | int, ...]) -> str:
    """Ninja puts the source and the argument's name before the field."""
    return ".".join(str(part) for part in location[1:] if part not in ("body", "form"))[:_LONGEST_NAME] or "body"


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")


def _as_rate_limit(error: Throttled) -> Refused:
    seconds = max(1, math.ceil(error.wait or 1))
    unit = "second" if seconds == 1 else "seconds"
    return RateLimited(
        f"That were too many requests. Please try again in {seconds} {unit}.", {"retryAfterSeconds": seconds}
    )


def _raise_again(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error
