"""Can credits be bought here, and does what Stripe sends arrive?"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max

from apps.billing.models import StripeEvent
from apps.billing.payments.gateway import PaymentsUnavailable, asked


@dataclass(frozen=True)
class PaymentsHealth:
    """`is_on`: a key is set; `trouble` says what is wrong and `fix` what to do about it, empty when all is well.

    `is_heard`: Stripe's webhook has been seen here.
    """

    is_on: bool
    text: str
    trouble: str = ""
    fix: str = ""
    is_heard: bool = False


def payments_health() -> PaymentsHealth:
    """Ask Stripe who we are, which costs nothing, and look when it last sent something."""
    if not settings.STRIPE_SECRET_KEY:
        return PaymentsHealth(False, "no credits are sold here", fix="Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.")
    if not settings.STRIPE_WEBHOOK_SECRET:
        return PaymentsHealth(
            True,
            "",
            trouble="nothing is sold: what Stripe sends would not be taken",
            fix=f"Add an endpoint for {_webhook()} at Stripe; set STRIPE_WEBHOOK_SECRET.",
        )
    try:
        asked(lambda client: client.v1.accounts.retrieve_current())
    except PaymentsUnavailable as error:
        return PaymentsHealth(
            True, "", trouble=f"Stripe refuses ({error.reason})", fix="Look at STRIPE_SECRET_KEY and the way out."
        )
    mode = "real money" if settings.STRIPE_LIVE_MODE else "test money"
    newest = StripeEvent.objects.aggregate(newest=Max("received_at"))["newest"]
    if newest is None:
        fix = f"Send a test event from Stripe's dashboard to {_webhook()}; without it nobody gets what they paid for."
        return PaymentsHealth(True, f"{mode}, nothing heard from Stripe yet", fix=fix)
    return PaymentsHealth(True, f"{mode}, heard from Stripe at {newest:%Y-%m-%d %H:%M} UTC", is_heard=True)


def _webhook() -> str:
    return f"{settings.SITE_URL}/api/webhooks/stripe"
