"""Can credits be bought here, and does what Stripe sends arrive?"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max

from apps.billing.models import StripeEvent
from apps.billing.payments.gateway import PaymentsUnavailable, asked


@dataclass(frozen=True)
class PaymentsHealth:
    """`is_on`: a key is set; `trouble` says what is wrong and `fix` what to do about it, empty when all is well."""

    is_on: bool
    text: str
    trouble: str = ""
    fix: str = ""


def payments_health() -> PaymentsHealth:
    """Ask Stripe who we are, which costs nothing, and look when it last sent something."""
    if not settings.STRIPE_SECRET_KEY:
        return PaymentsHealth(False, "no credits are sold here", fix="Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.")
    if not settings.STRIPE_WEBHOOK_SECRET:
        return PaymentsHealth(
            True,
            "",
            trouble="nothing is sold: what Stripe sends would not be taken",
            fix=f"Add an endpoint for {settings.SITE_URL}/api/webhooks/stripe at Stripe; set STRIPE_WEBHOOK_SECRET.",
        )
    try:
        asked(lambda client: client.v1.accounts.retrieve_current())
    except PaymentsUnavailable as error:
        return PaymentsHealth(
            True, "", trouble=f"Stripe refuses ({error.reason})", fix="Look at STRIPE_SECRET_KEY and the way out."
        )
    mode = "real money" if settings.STRIPE_LIVE_MODE else "test money"
    newest = StripeEvent.objects.aggregate(newest=Max("received_at"))["newest"]
    heard = f"heard from Stripe at {newest:%Y-%m-%d %H:%M} UTC" if newest else "nothing heard from Stripe yet"
    return PaymentsHealth(True, f"{mode}, {heard}")
