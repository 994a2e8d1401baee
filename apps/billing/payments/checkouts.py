"""Leaving for Stripe's page to pay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts.models import User
from apps.billing.catalogue import ITEMS, Item, item_named
from apps.billing.models import Checkout, CheckoutState, StripePrice
from apps.billing.payments import customers
from apps.billing.payments.facts import CHECKOUT_KEY
from apps.billing.payments.gateway import GoneAtStripe, PaymentsOff, PaymentsUnavailable, asked
from apps.billing.payments.plans import running_subscription
from apps.billing.payments.price_list import price_of
from apps.billing.payments.settling import settle
from canvascast.errors import RateLimited, Refused
from canvascast.funnel import actions as funnel
from canvascast.funnel.models import FactKind
from canvascast.logs import get_logger

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

log = get_logger("payments")

LONGEST_BACK = 1_000
_SAME_CLICK = timedelta(seconds=60)
# Stripe closes its pages after a day.
_LONGEST_OPEN = timedelta(hours=25)


class HasPlan(Refused):
    """A user has one plan at a time; another is chosen on Stripe's page for it."""

    def __init__(self) -> None:
        super().__init__("You have a plan already. Change it under “Manage your plan”.")


class OtherPage(Refused):
    """The payment page of a plan was asked for in two tabs at once; the later one counts."""

    def __init__(self) -> None:
        super().__init__("You went to another payment page for a plan at the same moment. Please go on there.")


def start_checkout(*, user: User, item_key: str, back: str, at: datetime) -> str:
    """Return the address of Stripe's page on which the user pays for the item; `back` is where they go on afterwards.

    Pressed twice at once it is one visit, and only the latest page for a plan can be paid. Raises Invalid, RateLimited,
    HasPlan, OtherPage, PaymentsOff and PaymentsUnavailable.
    """
    if not settings.PAYMENTS_ENABLED:
        raise PaymentsOff
    item = item_named(item_key)
    if item.is_plan and running_subscription(user) is not None:
        raise HasPlan
    price = price_of(item)
    checkout = _note_visit(user, item, price, own_path(back), at)
    if item.is_plan:
        _close_superseded(user, at)
    if not checkout.url:
        _open_session(checkout, item, price, user)
    return checkout.url


def own_path(back: str) -> str:
    """Return `back` when it is a page of this site that signed-in users have, else nothing."""
    is_ours = back.startswith("/app") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    # No column takes a NUL.
    return back if is_ours and back.isprintable() and len(back) <= LONGEST_BACK else ""


@transaction.atomic
def _note_visit(user: User, item: Item, price: StripePrice, back: str, at: datetime) -> Checkout:
    User.objects.select_for_update().get(pk=user.pk)
    mine = Checkout.objects.filter(user=user, created_at__gt=at - timedelta(hours=1)).order_by("created_at")
    promised = mine.filter(item=item.key, credits=price.credits, cents=price.cents, state=CheckoutState.OPEN)
    same = promised.filter(back=back, created_at__gt=at - _SAME_CLICK).last()
    if same is not None:
        return same
    if mine.count() >= settings.CHECKOUTS_AN_HOUR:
        first = mine[0].created_at
        wait = max(1, round((first + timedelta(hours=1) - at).total_seconds()))
        sentence = f"You went to the payment page {settings.CHECKOUTS_AN_HOUR} times within an hour. Please wait a bit."
        raise RateLimited(sentence, {"retryAfterSeconds": wait})
    if item.is_plan:
        _plan_visits(user, at).filter(state=CheckoutState.OPEN).update(state=CheckoutState.EXPIRED)
    visit = Checkout.objects.create(
        user=user,
        livemode=settings.STRIPE_LIVE_MODE,
        item=item.key,
        credits=price.credits,
        cents=price.cents,
        back=back,
        created_at=at,
    )
    funnel.record(FactKind.CHECKOUT_OPENED, about=visit.pk, at=at, user_id=user.pk, detail=item.key)
    return visit


def _open_session(checkout: Checkout, item: Item, price: StripePrice, user: User) -> None:
    customer_id = customers.customer_of(user)
    try:
        session = _make_session(checkout, item, price, customer_id)
    except GoneAtStripe as error:
        if str(error) != "customer":
            # A price of ours that Stripe has no longer: `sync_stripe` makes it again.
            log.error("unknown_at_stripe", param=str(error), price=price.pk)
            raise PaymentsUnavailable("resource_missing") from error
        # Somebody deleted the customer at Stripe; the user gets a new one.
        customers.forget(customer_id)
        session = _make_session(checkout, item, price, customers.customer_of(user))
    checkout.session_id, checkout.url = session
    mine = Checkout.objects.filter(pk=checkout.pk)
    if not mine.exclude(state=CheckoutState.EXPIRED).update(session_id=checkout.session_id, url=checkout.url):
        _close_page(checkout.session_id)
        raise OtherPage


def _plan_visits(user: User, at: datetime) -> QuerySet[Checkout]:
    plans = [item.key for item in ITEMS.values() if item.is_plan]
    mine = Checkout.objects.filter(user=user, livemode=settings.STRIPE_LIVE_MODE, item__in=plans)
    return mine.filter(created_at__gt=at - _LONGEST_OPEN)


def _close_superseded(user: User, at: datetime) -> None:
    """Close the pages of earlier visits at Stripe: two that stay open could both be paid, and be two plans."""
    for old in _plan_visits(user, at).filter(state=CheckoutState.EXPIRED).exclude(url=""):
        if not _close_page(old.session_id):
            settle(customers.customer_of(user))
            if running_subscription(user) is not None:
                raise HasPlan
        Checkout.objects.filter(pk=old.pk).update(url="")


def _close_page(session_id: str) -> bool:
    """Close a payment page; False when it was paid on it already. Raises PaymentsUnavailable."""
    try:
        session = asked(lambda client: client.v1.checkout.sessions.retrieve(session_id))
        if session.status == "open":
            asked(lambda client: client.v1.checkout.sessions.expire(session_id))
    except GoneAtStripe:
        return True
    return session.status != "complete"


def _make_session(checkout: Checkout, item: Item, price: StripePrice, customer_id: str) -> tuple[str, str]:
    metadata = {CHECKOUT_KEY: str(checkout.pk), customers.USER_KEY: str(checkout.user_id)}
    params: SessionCreateParams = {
        "customer": customer_id,
        "line_items": [{"price": price.pk, "quantity": 1}],
        "metadata": metadata,
        "client_reference_id": str(checkout.user_id),
        "success_url": _page(success="true", checkout=str(checkout.pk)),
        "cancel_url": _page(canceled="true", **({"back": checkout.back} if checkout.back else {})),
        "automatic_tax": {"enabled": settings.STRIPE_AUTOMATIC_TAX},
    }
    if settings.STRIPE_AUTOMATIC_TAX:
        params["customer_update"] = {"address": "auto"}
    if item.is_plan:
        params |= {"mode": "subscription", "subscription_data": {"metadata": metadata}}
    else:
        params |= {"mode": "payment", "payment_intent_data": {"metadata": metadata}}
    key = f"checkout:{checkout.pk}:{customer_id}:{price.pk}"
    session = asked(lambda client: client.v1.checkout.sessions.create(params, {"idempotency_key": key}))
    assert session.url is not None
    return session.id, session.url


def _page(**query: str) -> str:
    address = urljoin(settings.SITE_URL, reverse("billing:credits"))
    return f"{address}?{urlencode(query)}" if query else address
