"""Stripe's page for a plan, as this site wants it: what can be changed there, and when each change counts.

A dearer plan begins at once, the difference is paid and its credits come with that payment; a cheaper one begins with
the next month; an ended one runs to the end of what was paid. So nobody is paid back for credits that are spent.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache

from apps.billing.catalogue import PLANS
from apps.billing.payments.gateway import asked, metadata_of
from apps.billing.payments.price_list import price_of

if TYPE_CHECKING:
    from stripe.params.billing_portal import ConfigurationCreateParams

_DIGEST_KEY = "canvascast_digest"
_KEPT_SECONDS = 24 * 3600


def portal_configuration() -> str:
    """Return the id of the page's configuration at Stripe, made if there is none like it.

    Raises PaymentsUnavailable and PaymentsOff.
    """
    wanted = _wanted()
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:32]
    kept = f"stripe-portal:{settings.STRIPE_LIVE_MODE}:{digest}"
    if known := cache.get(kept):
        return str(known)
    params: ConfigurationCreateParams = {**wanted, "metadata": {_DIGEST_KEY: digest}}
    found = (
        _found(digest)
        or asked(
            lambda client: client.v1.billing_portal.configurations.create(
                params, {"idempotency_key": f"portal:{digest}"}
            )
        ).id
    )
    cache.set(kept, found, _KEPT_SECONDS)
    return found


def _found(digest: str) -> str:
    listed = asked(lambda client: client.v1.billing_portal.configurations.list({"active": True, "limit": 100}))
    mine = [one.id for one in listed.data if metadata_of(one).get(_DIGEST_KEY) == digest]
    return mine[0] if mine else ""


def _wanted() -> ConfigurationCreateParams:
    return {
        "business_profile": {"headline": "Your CanvasCast plan"},
        "features": {
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True},
            "customer_update": {"enabled": True, "allowed_updates": ["address", "tax_id"]},
            "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            "subscription_update": {
                "enabled": True,
                "default_allowed_updates": ["price"],
                "products": [{"product": f"canvascast_{plan.key}", "prices": [price_of(plan).pk]} for plan in PLANS],
                "proration_behavior": "always_invoice",
                "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
            },
        },
    }
