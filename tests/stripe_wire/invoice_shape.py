"""A new invoice, field by field."""

from __future__ import annotations

from tests.stripe_wire.store import Obj, list_of, new_id
from tests.stripe_wire.world import World


def new_invoice_object(world: World, sub: Obj, lines: list[Obj], reason: str, period: tuple[int, int]) -> Obj:
    id_ = new_id("in")
    customer = world.store.get("customer", sub["customer"])
    total = sum(line["amount"] for line in lines)
    for line in lines:
        line["invoice"] = id_
    return {
        "id": id_,
        "object": "invoice",
        **_amounts(total),
        **_customer(customer),
        **_nothing(),
        "account_country": "US",
        "account_name": "CanvasCast",
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": world.now,
        "currency": sub["currency"],
        "discounts": [],
        "issuer": {"type": "self"},
        "lines": list_of(lines, f"/v1/invoices/{id_}/lines"),
        "livemode": False,
        "metadata": {},
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": dict(sub["metadata"]), "subscription": sub["id"]},
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_start": period[0],
        "period_end": period[1],
        "starting_balance": customer["balance"],
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "webhooks_delivered_at": world.now,
        "_subscription": sub["id"],
    }


def _amounts(total: int) -> Obj:
    return {
        "amount_due": max(total, 0),
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": max(total, 0),
        "amount_shipping": 0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def _customer(customer: Obj) -> Obj:
    return {
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
    }


def _nothing() -> Obj:
    empty = (
        "account_tax_ids application custom_fields default_payment_method default_source description due_date "
        "effective_at ending_balance footer from_invoice hosted_invoice_url invoice_pdf last_finalization_error "
        "latest_revision next_payment_attempt number on_behalf_of receipt_number rendering shipping_cost "
        "shipping_details statement_descriptor test_clock"
    )
    return {**dict.fromkeys(empty.split()), "default_tax_rates": []}
