"""Which customer at Stripe is which user."""

from __future__ import annotations

import hashlib
from uuid import UUID

import stripe
from django.conf import settings

from apps.accounts.models import User
from apps.accounts.queries import address_of
from apps.billing.models import StripeCustomer
from apps.billing.payments.gateway import GoneAtStripe, asked

USER_KEY = "canvascast_user"


def customer_of(user: User) -> str:
    """Return the user's customer at Stripe, made if there is none; asked many times at once, it is one.

    The idempotency key makes parallel calls one at Stripe, the constraint makes them one here.
    """
    known = StripeCustomer.objects.filter(user=user, livemode=settings.STRIPE_LIVE_MODE)
    if (mine := known.filter(is_gone=False).first()) is not None:
        return mine.pk
    # Those that are gone are counted alone: one that a parallel call has just noted must not change the key.
    # The address is in it, for Stripe refuses a key that comes again with other contents.
    address = address_of(user.pk)
    digest = hashlib.sha256((address or "").encode()).hexdigest()[:16]
    key = f"customer:{user.pk}:{known.filter(is_gone=True).count()}:{digest}"
    made = asked(
        lambda client: client.v1.customers.create(
            {"metadata": {USER_KEY: str(user.pk)}, **({"email": address} if address else {})},
            {"idempotency_key": key},
        )
    )
    remember(made.id, user.pk)
    return known.get(is_gone=False).pk


def remember(customer_id: str, user_id: UUID) -> None:
    """Note whose customer that is; what is known already stays."""
    row = StripeCustomer(pk=customer_id, user_id=user_id, livemode=settings.STRIPE_LIVE_MODE)
    StripeCustomer.objects.bulk_create([row], ignore_conflicts=True)


def forget(customer_id: str) -> None:
    """Note that Stripe has this customer no longer."""
    StripeCustomer.objects.filter(pk=customer_id).update(is_gone=True)


def user_of(customer_id: str) -> UUID | None:
    """Return whose customer that is, asking Stripe when our row was lost; None for one that is not of this site.

    Raises PaymentsUnavailable.
    """
    known = StripeCustomer.objects.filter(pk=customer_id, livemode=settings.STRIPE_LIVE_MODE).first()
    if known is not None:
        return known.user_id
    try:
        customer = asked(lambda client: client.v1.customers.retrieve(customer_id))
    except GoneAtStripe:
        return None
    user_id = _user_named(customer)
    if user_id is None or not User.objects.filter(pk=user_id).exists():
        return None
    remember(customer_id, user_id)
    return user_id


def _user_named(customer: stripe.Customer) -> UUID | None:
    try:
        return UUID((customer.to_dict().get("metadata") or {})[USER_KEY])
    except (KeyError, ValueError):
        return None
