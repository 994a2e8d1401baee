"""What is answered while something that the site needs does not answer itself."""

from __future__ import annotations

from http import HTTPStatus

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.pipeline.providers.errors import Transient
from canvascast.logs import get_logger
from canvascast.mail import MailUnavailable
from canvascast.pages.bare import bare_page
from canvascast.storages import StorageUnavailable, is_disk_full

log = get_logger("web")

_SENTENCE = "Something that CanvasCast needs does not answer. Nothing was changed. Please try again in a minute."
_SECONDS = 60


def is_outage(error: BaseException | None) -> bool:
    """Tell whether it is the database, a storage, the mail or room on the disk that failed, and no bug."""
    is_away = isinstance(error, StorageUnavailable | MailUnavailable | OperationalError | Transient)
    return error is not None and (is_away or is_disk_full(error))


def outage_answer(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Say so to a program or a person, and when to come back."""
    log.error("outage", error_type=type(error).__name__)
    if request.path_info.startswith("/api/"):
        answer = {"error": _SENTENCE, "code": "UNAVAILABLE", "details": {"retryAfterSeconds": _SECONDS}}
        response: HttpResponse = JsonResponse(answer, status=HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        response = bare_page(request, "503.html", {"sentence": _SENTENCE}, HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = str(_SECONDS)
    return response
