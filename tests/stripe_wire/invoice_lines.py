"""What an invoice charges for: a subscription's period, or a proration that waits as an invoice item."""

from __future__ import annotations

from typing import Any

from stripe import params as spec

from tests.stripe_wire.parameters import Params
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, new_id
from tests.stripe_wire.world import World


def period_line(sub: Obj, item: Obj) -> Obj:
    """A whole period of one subscription item."""
    price = item["price"]
    line = _line(price, item["quantity"], price["unit_amount"] * item["quantity"])
    interval = price["recurring"]["interval"]
    return line | {
        "description": f"{item['quantity']} × {price['nickname'] or price['product']} (per {interval})",
        "discountable": True,
        "metadata": dict(sub["metadata"]),
        "parent": _parent("subscription_item_details", sub, item["id"], invoice_item=None, proration=False),
        "period": {"start": item["current_period_start"], "end": item["current_period_end"]},
        "subscription": sub["id"],
    }


def item_line(item: Obj) -> Obj:
    """A proration that was waiting."""
    sub = {"id": item["parent"]["subscription_details"]["subscription"]}
    line = _line(item["_price"], item["quantity"], item["amount"])
    return line | {
        "description": item["description"],
        "discountable": False,
        "metadata": {},
        "parent": _parent("invoice_item_details", sub, None, invoice_item=item["id"], proration=True),
        "period": dict(item["period"]),
        "subscription": sub["id"],
    }


def _line(price: Obj, quantity: int, amount: int) -> Obj:
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "discount_amounts": [],
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "pretax_credit_amounts": [],
        "pricing": _pricing(price),
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subtotal": amount,
        "taxes": [],
    }


def _pricing(price: Obj) -> Obj:
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def _parent(kind: str, sub: Obj, item: str | None, **more: Any) -> Obj:
    details = {"proration_details": {"credited_items": None}, "subscription": sub["id"], **more}
    if item:
        details["subscription_item"] = item
    return {"invoice_item_details": None, "subscription_item_details": None, kind: details, "type": kind}


def new_item(
    world: World, sub: Obj, price: Obj, quantity: int, amount: int, period: tuple[int, int], words: str
) -> Obj:
    """A proration that waits for the next invoice."""
    start, end = period
    item: Obj = {
        "id": new_id("ii"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": price["currency"],
        "customer": sub["customer"],
        "customer_account": None,
        "date": world.now,
        "description": words,
        "discountable": False,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "net_amount": amount,
        "parent": {
            "subscription_details": {"subscription": sub["id"], "subscription_item": None},
            "type": "subscription_details",
        },
        "period": {"start": start, "end": end},
        "pricing": _pricing(price),
        "proration": True,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
        "_price": price,
    }
    world.tell("invoiceitem.created", world.store.add(item))
    return item


def waiting_items(world: World, sub: Obj) -> list[Obj]:
    """Oldest first."""
    found = world.store.all(
        "invoiceitem",
        lambda item: item["invoice"] is None and item["parent"]["subscription_details"]["subscription"] == sub["id"],
    )
    return found[::-1]


@endpoint("GET", "/v1/invoiceitems/{item}", spec.InvoiceItemRetrieveParams)
def retrieve_item(world: World, params: Params, item: str) -> Obj:
    return world.store.get("invoiceitem", item)


@endpoint("GET", "/v1/invoiceitems", spec.InvoiceItemListParams, "customer invoice pending")
def list_items(world: World, params: Params) -> list[Obj]:
    pending = params.get("pending")
    return world.store.all(
        "invoiceitem",
        lambda item: pending is None or (item["invoice"] is None) == pending,
        **{name: params.get(name) for name in ("customer", "invoice")},
    )
