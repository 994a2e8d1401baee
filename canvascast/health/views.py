"""What probes ask: is the process alive, and should it be sent requests."""

from __future__ import annotations

import time
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.pipeline.services import services_by_queue
from canvascast.health.report import Finding, check_all
from canvascast.http import is_from_this_machine

_STARTED = time.monotonic()


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Say that the process answers, and for how many milliseconds it has; asks nothing else."""
    return JsonResponse({"status": "ok", "uptime": round((time.monotonic() - _STARTED) * 1000)})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether everything that a request needs is there: 200 or 503. Reasons are for staff and for this machine."""
    findings = check_all()
    is_ready = all(finding.ok for finding in findings.values())
    answer: dict[str, Any] = {  # Any: JSON values
        "ready": is_ready,
        "checks": {name: finding.ok for name, finding in findings.items()},
    }
    if is_from_this_machine(request) or _is_staff(request, findings):
        answer["details"] = {name: asdict(finding) for name, finding in findings.items()}
        answer["services"] = _services(findings)
    return JsonResponse(answer, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


def _services(findings: dict[str, Finding]) -> dict[str, Any] | None:  # Any: JSON values
    """Return who serves each queue; None where the database cannot tell."""
    if not findings["database"].ok:
        return None
    try:
        return services_by_queue(settings.QUEUES)
    except DatabaseTrouble:
        return None


def _is_staff(request: HttpRequest, findings: dict[str, Finding]) -> bool:
    if not findings["database"].ok:
        return False
    try:
        return request.user.is_authenticated and request.user.is_staff
    except DatabaseTrouble:
        return False
