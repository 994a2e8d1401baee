"""For programs: the webhooks page, one webhook with its log, and what can be done there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.views.visitor import in_own_time, own_page, user_of
from apps.notifications.models import WebhookEndpoint, WebhookEvent
from apps.notifications.webhooks import endpoints, queries
from apps.notifications.webhooks.forms import WebhookForm
from canvascast.errors import NotFound, Refused
from canvascast.http import is_piece

_SHOWN = 50
_ASK_NO_MORE = 286
"""What htmx understands as the end of asking."""
View = Callable[..., HttpResponseBase]


def _or_404(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotFound as missing:
            raise Http404 from missing

    return checked


@require_safe
@own_page
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the addresses."""
    context = {"endpoints": queries.endpoints_of(user_of(request)), "most": endpoints.MOST_ENDPOINTS}
    return render(request, "notifications/webhooks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Take an address and show its secret, this once."""
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            made = endpoints.create_endpoint(
                user=user_of(request), url=form.cleaned_data["url"], events=form.events(), at=timezone.now()
            )
        except Refused as refusal:
            _put(form, refusal)
        else:
            return _show_secret(request, made)
    return render(request, "notifications/new_webhook.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@_or_404
@in_own_time
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Show one address with its log, and take changes of it."""
    user = user_of(request)
    endpoint = queries.endpoint_of(user, webhook_id)
    if is_piece(request):
        return _news(request, endpoint)
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=_initial(endpoint))
    if form.is_valid():
        try:
            endpoints.change_endpoint(
                user=user, endpoint_id=webhook_id, url=form.cleaned_data["url"], events=form.events()
            )
        except NotFound:
            raise
        except Refused as refusal:
            _put(form, refusal)
        else:
            messages.success(request, "Saved.")
            return redirect("notifications:webhook", webhook_id)
    context = {**_log(endpoint), "form": form, "proof": _proof_of_showing(request, webhook_id)}
    return render(request, "notifications/webhook.html", context)


def _news(request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    """Answer the page that asks by itself: nothing while its log is as it was, an end when no first try is awaited."""
    log = _log(endpoint)
    if request.GET.get("shown") == log["version"]:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "notifications/_log.html", log, status=HTTPStatus.OK if log["is_awaited"] else _ASK_NO_MORE)


def _log(endpoint: WebhookEndpoint) -> dict[str, object]:
    """Return what the log shows. A next try may be hours away: only first ones are waited for."""
    rows = queries.deliveries_of(endpoint, limit=_SHOWN)
    shown = [(str(row.pk), str(row.state), row.tries) for row in rows]
    return {
        "endpoint": endpoint,
        "log": [
            {"row": row, "why": queries.reason_in_words(row), "is_open": queries.is_on_its_way(row)} for row in rows
        ],
        "is_awaited": any(queries.is_on_its_way(row) and row.tried_at is None for row in rows),
        "version": hashlib.sha256(repr(shown).encode()).hexdigest()[:16],
    }


@require_POST
@_or_404
@own_page
def switch_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Turn it on or off."""
    is_active = "on" in request.POST
    endpoints.change_endpoint(user=user_of(request), endpoint_id=webhook_id, is_active=is_active)
    messages.success(request, "The webhook is on." if is_active else "The webhook is off.")
    return redirect("notifications:webhook", webhook_id)


@require_POST
@_or_404
@own_page
def rotate_secret(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Make a new secret and show it, this once."""
    made = endpoints.rotate_secret(user=user_of(request), endpoint_id=webhook_id, at=timezone.now())
    return _show_secret(request, made)


@require_POST
@_or_404
@own_page
def test_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send a test."""
    return _asked(
        request,
        webhook_id,
        lambda: endpoints.send_test(user=user_of(request), endpoint_id=webhook_id, at=timezone.now()),
    )


@require_POST
@_or_404
@own_page
def send_again(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Tell one thing again."""
    return _asked(
        request,
        webhook_id,
        lambda: endpoints.send_again(
            user=user_of(request), endpoint_id=webhook_id, delivery_id=delivery_id, at=timezone.now()
        ),
    )


@require_POST
@_or_404
@own_page
def delete_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Take it away, once however often the button is pressed."""
    try:
        endpoints.delete_endpoint(user=user_of(request), endpoint_id=webhook_id)
    except NotFound:
        # Nothing is left of it that says whose it was, but the page on which the button stood.
        if not constant_time_compare(request.POST.get("proof", ""), _proof_of_showing(request, webhook_id)):
            raise
    messages.success(request, "The webhook is deleted.")
    return redirect("notifications:webhooks")


def _proof_of_showing(request: HttpRequest, webhook_id: UUID) -> str:
    """Return what only the page of this webhook of this user's has in it."""
    return salted_hmac("notifications.webhook", f"{user_of(request).pk} {webhook_id}").hexdigest()


def _asked(request: HttpRequest, webhook_id: UUID, ask: Callable[[], object]) -> HttpResponse:
    try:
        ask()
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "It is on its way. Look again in a moment.")
    return redirect("notifications:webhook", webhook_id)


def _show_secret(request: HttpRequest, made: endpoints.Made) -> HttpResponse:
    return render(request, "notifications/webhook_secret.html", {"endpoint": made.endpoint, "secret": made.secret})


def _initial(endpoint: WebhookEndpoint) -> dict[str, object]:
    return {
        "url": endpoint.url,
        "job_ready": WebhookEvent.JOB_READY.value in endpoint.events,
        "job_failed": WebhookEvent.JOB_FAILED.value in endpoint.events,
    }


def _put(form: WebhookForm, refusal: Refused) -> None:
    form.add_error("url" if "url" in refusal.details else None, refusal.sentence)
