"""`POST /api/webhooks/email`: what Resend tells about mails that have left, signed by it and checked by anymail."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.resend import ResendTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.notifications import mail_log
from apps.notifications.models import MailEvent

_KINDS = {
    EventType.DELIVERED: MailEvent.Kind.DELIVERED,
    EventType.DEFERRED: MailEvent.Kind.DELAYED,
    EventType.BOUNCED: MailEvent.Kind.BOUNCED,
    EventType.COMPLAINED: MailEvent.Kind.COMPLAINED,
    EventType.FAILED: MailEvent.Kind.FAILED,
    EventType.REJECTED: MailEvent.Kind.SUPPRESSED,
}
_OFF = {
    "error": "This site takes no news about mail: RESEND_WEBHOOK_SECRET is not set.",
    "code": "UNAVAILABLE",
    "details": {},
}


@csrf_exempt
@require_POST
def news(request: HttpRequest) -> HttpResponse:
    """Take what is signed; 503 in words while no secret is set."""
    if not getattr(settings, "ANYMAIL", {}).get("RESEND_SIGNING_SECRET"):
        return JsonResponse(_OFF, status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer: HttpResponse = _SignedNews.as_view()(request)
    return answer


class _SignedNews(ResendTrackingWebhookView):  # type: ignore[misc]  # anymail is not typed
    """anymail's view, which hands on what it read instead of sending a signal."""

    # Of what Resend tells, anymail 15.2 leaves these two out (https://resend.com/docs/webhooks/event-types).
    event_types = {
        **ResendTrackingWebhookView.event_types,
        "email.failed": EventType.FAILED,
        "email.suppressed": EventType.REJECTED,
    }

    def run_validators(self, request: HttpRequest) -> None:
        try:
            super().run_validators(request)
        except ValueError as error:
            # A signature that is no base64, a body that is no UTF-8: not from Resend.
            raise AnymailWebhookValidationFailure("unreadable signature") from error

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # Any: as Django's views
        self.run_validators(request)
        for event in self.parse_events(request):
            if event.event_type in _KINDS and event.event_id and event.recipient:
                mail_log.note(_told(event))
        return JsonResponse({"received": True})


def _told(event: AnymailTrackingEvent) -> mail_log.Told:
    return mail_log.Told(
        event_id=event.event_id,
        kind=_KINDS[event.event_type],
        recipient=event.recipient,
        notification_id=(event.metadata or {}).get("notification", ""),
        message_id=event.message_id or "",
        detail=event.description or _why_unsent(event),
        is_permanent=_is_permanent(event),
        happened_at=event.timestamp or timezone.now(),
    )


def _why_unsent(event: AnymailTrackingEvent) -> str:
    """Return Resend's `failed.reason` or `suppressed.message`, empty where there is neither."""
    told = event.esp_event["data"]
    failed, suppressed = told.get("failed") or {}, told.get("suppressed") or {}
    return str(failed.get("reason") or suppressed.get("message") or "")


def _is_permanent(event: AnymailTrackingEvent) -> bool:
    """Resend calls a bounce Permanent, Transient or Undetermined (https://resend.com/docs/webhooks/emails/bounced)."""
    if event.event_type != EventType.BOUNCED:
        return False
    bounce = event.esp_event["data"].get("bounce") or {}
    return bool(bounce.get("type", "Permanent") == "Permanent")
