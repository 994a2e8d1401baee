"""What Prometheus is told, if it may ask."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from canvascast.http import is_from_this_machine
from canvascast.metrics.collector import Business
from canvascast.metrics.web import web_registry

_BUSINESS = CollectorRegistry()
_BUSINESS.register(Business())


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer this machine, and whoever knows METRICS_TOKEN; for everybody else there is no such page."""
    if not (is_from_this_machine(request) or _knows_the_token(request)):
        raise Http404
    text = generate_latest(web_registry()) + generate_latest(_BUSINESS)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _knows_the_token(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(given, f"Bearer {token}")
