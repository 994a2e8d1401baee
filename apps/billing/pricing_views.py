"""The public page about prices: every number on it comes from where it is charged."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.billing.catalogue import PACKS, PLANS
from apps.billing.price_examples import STOPPED_PRICE, examples_of_length, examples_of_scenes, examples_of_stopping


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Say what a video costs, what a change costs, and what stopping keeps."""
    context = {
        "lengths": examples_of_length(),
        "scenes": examples_of_scenes(),
        "stops": examples_of_stopping(),
        "stopped_price": STOPPED_PRICE,
        "welcome_credits": settings.TRIAL_CREDITS,
        "contact": settings.OPERATOR_CONTACT,
        "adds_tax": settings.STRIPE_AUTOMATIC_TAX,
        **({"packs": PACKS, "plans": PLANS} if settings.PAYMENTS_ENABLED else {}),
    }
    return render(request, "billing/pricing.html", context)
