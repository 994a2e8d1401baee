"""The site, and addresses below /breaks/ that answer as it does when something is wrong."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path

from apps.accounts.views.too_often import too_often
from canvascast import urls as site

_RAISED = {400: SuspiciousOperation, 403: PermissionDenied, 500: ZeroDivisionError, 503: OperationalError}


def breaks(request: HttpRequest, status: int) -> HttpResponse:
    if status == 405:
        return HttpResponseNotAllowed(["POST"])
    if status == 429:
        return too_often(request)
    raise _RAISED[status]


urlpatterns = [path("breaks/<int:status>", breaks), *site.urlpatterns]
handler429 = site.handler429
handler500 = site.handler500
