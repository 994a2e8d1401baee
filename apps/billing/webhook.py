"""`POST /api/webhooks/stripe`: believe only what Stripe signed, keep it, answer; the queue does the rest."""

from __future__ import annotations

import json
from http import HTTPStatus

import stripe
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.billing.payments import inbox
from canvascast.logs import get_logger

log = get_logger("payments")


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> JsonResponse:
    """Keep the event and answer `{"received": true}`, with `"duplicate": true` for one that is kept already.

    400 for a signature that is wrong, missing or older than five minutes, and for test events where money is real.
    """
    if not settings.STRIPE_WEBHOOK_SECRET or not settings.PAYMENTS_ENABLED:
        return _refused("Payments are not set up here.", HTTPStatus.NOT_FOUND)
    body = request.body
    signature = request.headers.get("Stripe-Signature", "")
    try:
        stripe.WebhookSignature.verify_header(
            body.decode(), signature, settings.STRIPE_WEBHOOK_SECRET, stripe.Webhook.DEFAULT_TOLERANCE
        )
        event = json.loads(body)
        is_event = event["object"] == "event" and isinstance(event["data"]["object"], dict)
        is_right = is_event and event["livemode"] is settings.STRIPE_LIVE_MODE and bool(event["id"] and event["type"])
    except (stripe.SignatureVerificationError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        log.warning("stripe_webhook_refused", error_type=type(error).__name__)
        return _refused("The signature does not fit.", HTTPStatus.BAD_REQUEST)
    if not is_right:
        log.warning("stripe_webhook_refused", error_type="wrong_mode_or_shape")
        return _refused("This is no event for this site.", HTTPStatus.BAD_REQUEST)
    is_new = inbox.keep(event)
    return JsonResponse({"received": True} if is_new else {"received": True, "duplicate": True})


def _refused(sentence: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"error": sentence, "code": "VALIDATION_ERROR", "details": {}}, status=status)
