"""What the web processes answered and how long it took: the only numbers that are counted and not read."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

# Labels come from the program alone; django-prometheus would take any word that a caller sends as method.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
_NO_VIEW = "none"
_BUCKETS_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_OWN = CollectorRegistry()
_ANSWERS = Counter(
    "canvascast_http_answers", "Answers of the web processes.", ("view", "method", "status"), registry=_OWN
)
_SECONDS = Histogram(
    "canvascast_http_seconds",
    "Time until the first byte of an answer.",
    ("view",),
    buckets=_BUCKETS_SECONDS,
    registry=_OWN,
)


def web_registry() -> CollectorRegistry:
    """Return the numbers of this process, or those of all that share PROMETHEUS_MULTIPROC_DIR."""
    folder = settings.PROMETHEUS_MULTIPROC_DIR
    if not folder:
        return _OWN
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # of the client, in part without types
    return registry


def count_answers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: count every answer by view, method and status, and its time by view."""
    if settings.PROMETHEUS_MULTIPROC_DIR:
        Path(settings.PROMETHEUS_MULTIPROC_DIR).mkdir(parents=True, exist_ok=True)

    def respond(request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        view = match.view_name or match.route if match else _NO_VIEW
        method = request.method if request.method in _METHODS else _OTHER
        _ANSWERS.labels(view=view, method=method, status=str(response.status_code)).inc()
        _SECONDS.labels(view=view).observe(time.perf_counter() - begun)
        return response

    return respond
