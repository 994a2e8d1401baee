"""Our table of things to buy as products and prices at Stripe: made once, found again, renewed when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import stripe
from django.conf import settings
from django.db import transaction

from apps.billing.catalogue import CURRENCY, ITEMS, ON_SALE, RETIRED, Item
from apps.billing.models import StripePrice
from apps.billing.payments.gateway import GoneAtStripe, ThereAlready, asked, metadata_of

if TYPE_CHECKING:
    from stripe.params import PriceCreateParams

ITEM_KEY, CREDITS_KEY = "canvascast_item", "canvascast_credits"


def price_of(item: Item) -> StripePrice:
    """Return what Stripe charges for the item now, telling Stripe first where that is not done yet.

    Raises PaymentsUnavailable and PaymentsOff.
    """
    return _current(item) or _publish(item)


def publish_all() -> list[StripePrice]:
    """Tell Stripe every item as it is in the table, and return the prices; a second time changes nothing.

    An item whose price or credits changed gets a new price; the old one is closed to new buyers and goes on for those
    who have it, as all prices of a retired item are. Raises PaymentsUnavailable and PaymentsOff.
    """
    for item in RETIRED:
        _close_all(item)
    return [_publish(item) for item in ON_SALE.values()]


def unnamed_items() -> list[str]:
    """Return the keys that were sold here and that the table has no longer: what is paid for them gives no credits."""
    sold = StripePrice.objects.filter(livemode=settings.STRIPE_LIVE_MODE).exclude(item__in=list(ITEMS))
    return sorted(set(sold.values_list("item", flat=True)))


def known_price(price_id: str) -> StripePrice | None:
    """Return what a price at Stripe buys, asking Stripe when our row was lost; None for a price that is not ours."""
    found = StripePrice.objects.filter(pk=price_id).first()
    if found is not None:
        return found
    try:
        price = asked(lambda client: client.v1.prices.retrieve(price_id))
    except GoneAtStripe:
        return None
    return _remember(price, is_current=False)


def _current(item: Item) -> StripePrice | None:
    return StripePrice.objects.filter(
        item=item.key, livemode=settings.STRIPE_LIVE_MODE, is_current=True, credits=item.credits, cents=item.cents
    ).first()


def _publish(item: Item) -> StripePrice:
    product_id = _product_of(item)
    name = f"CanvasCast {item.name}: {item.credits} credits{' a month' if item.is_plan else ''}"
    _publish_product(product_id, name, item)
    prices = _prices_of(product_id)
    fitting = sorted((price for price in prices if _fits(price, item)), key=lambda price: not price.active)
    price = fitting[0] if fitting else _make_price(product_id, item, len(prices))
    if not price.active:
        asked(lambda client: client.v1.prices.update(price.id, {"active": True}))
    row = _remember(price, is_current=True)
    assert row is not None
    _close_others(prices, price.id)
    return row


def _close_all(item: Item) -> None:
    with suppress(GoneAtStripe):
        _close_others(_prices_of(_product_of(item)), "")
    StripePrice.objects.filter(item=item.key, livemode=settings.STRIPE_LIVE_MODE).update(is_current=False)


def _product_of(item: Item) -> str:
    return f"canvascast_{item.key}"


def _prices_of(product_id: str) -> list[stripe.Price]:
    return asked(lambda client: client.v1.prices.list({"product": product_id, "limit": 100})).data


def _publish_product(product_id: str, name: str, item: Item) -> None:
    metadata = {ITEM_KEY: item.key}
    try:
        product = asked(lambda client: client.v1.products.retrieve(product_id))
    except GoneAtStripe:
        # Another process may make it at the same moment.
        with suppress(ThereAlready):
            asked(lambda client: client.v1.products.create({"id": product_id, "name": name, "metadata": metadata}))
        return
    if product.name != name or not product.active:
        asked(lambda client: client.v1.products.update(product_id, {"name": name, "active": True}))


def _fits(price: stripe.Price, item: Item) -> bool:
    metadata = metadata_of(price)
    return (
        price.unit_amount == item.cents
        and price.currency == CURRENCY
        and (price.recurring is not None) == item.is_plan
        and metadata.get(CREDITS_KEY) == str(item.credits)
    )


def _make_price(product_id: str, item: Item, number: int) -> stripe.Price:
    """Two processes that make it at once get the same: the key names everything that the price is.

    `number` counts the product's prices, for Stripe would answer an old key with a price that was changed since.
    """
    key = f"price:{item.key}:{item.credits}:{item.cents}:{number}"
    params: PriceCreateParams = {
        "product": product_id,
        "currency": CURRENCY,
        "unit_amount": item.cents,
        "metadata": {ITEM_KEY: item.key, CREDITS_KEY: str(item.credits)},
    }
    if item.is_plan:
        params["recurring"] = {"interval": "month"}
    return asked(lambda client: client.v1.prices.create(params, {"idempotency_key": key}))


def _close_others(prices: Sequence[stripe.Price], kept_id: str) -> None:
    for old in (price.id for price in prices if price.active and price.id != kept_id):
        asked(partial(_close, price_id=old))


def _close(client: stripe.StripeClient, price_id: str) -> None:
    client.v1.prices.update(price_id, {"active": False})


@transaction.atomic
def _remember(price: stripe.Price, *, is_current: bool) -> StripePrice | None:
    metadata = metadata_of(price)
    item, credits, cents = metadata.get(ITEM_KEY, ""), metadata.get(CREDITS_KEY, ""), price.unit_amount
    if item not in ITEMS or not credits.isdecimal() or not cents:
        return None
    mine = StripePrice.objects.filter(item=item, livemode=price.livemode)
    if is_current:
        mine.exclude(pk=price.id).update(is_current=False)
    facts = {"livemode": price.livemode, "item": item, "credits": int(credits), "cents": cents}
    changes = {**facts, "is_current": True} if is_current else facts
    row, _ = StripePrice.objects.update_or_create(
        pk=price.id, defaults=changes, create_defaults={**facts, "is_current": is_current}
    )
    return row
