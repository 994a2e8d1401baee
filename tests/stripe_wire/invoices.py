"""Invoices from draft to paid, and the payments that belong to them."""

from __future__ import annotations

from stripe import params as spec

from tests.stripe_wire import payments
from tests.stripe_wire.clock import HOUR_SECONDS
from tests.stripe_wire.expansion import includable
from tests.stripe_wire.invoice_lines import item_line, waiting_items
from tests.stripe_wire.invoice_shape import new_invoice_object
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, list_of, new_id, set_given
from tests.stripe_wire.world import World

_INTENT_WORDS = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


def draft(world: World, sub: Obj, lines: list[Obj], reason: str, period: tuple[int, int]) -> Obj:
    """Write a draft with the lines and every proration that waits; it becomes the subscription's latest invoice."""
    items = waiting_items(world, sub)
    invoice = new_invoice_object(world, sub, [*(item_line(item) for item in items), *lines], reason, period)
    for item in items:
        item["invoice"] = invoice["id"]
    sub["latest_invoice"] = invoice["id"]
    if reason == "subscription_cycle":
        invoice["automatically_finalizes_at"] = world.now + HOUR_SECONDS
    world.tell("invoice.created", world.store.add(invoice))
    return invoice


def finalize(world: World, invoice: Obj) -> None:
    """Give it its number, use the customer's balance, and ask for the rest; nothing to ask means paid."""
    customer = world.store.get("customer", invoice["customer"])
    sequence = customer["next_invoice_sequence"]
    owed = invoice["total"] + customer["balance"]
    invoice |= {
        "status": "open",
        "number": f"{customer['invoice_prefix']}-{sequence:04d}",
        "effective_at": world.now,
        "automatically_finalizes_at": None,
        "hosted_invoice_url": f"{world.url}/i/{invoice['id']}",
        "invoice_pdf": f"{world.url}/i/{invoice['id']}/pdf",
        "starting_balance": customer["balance"],
        "ending_balance": min(owed, 0),
        "amount_due": max(owed, 0),
        "amount_remaining": max(owed, 0),
    }
    invoice["status_transitions"]["finalized_at"] = world.now
    customer["next_invoice_sequence"] = sequence + 1
    with world.change(customer, "customer.updated"):
        customer |= {"balance": min(owed, 0), "currency": invoice["currency"]}
    if owed > 0:
        _ask(world, invoice)
    world.tell("invoice.finalized", invoice)
    if owed <= 0:
        _mark_paid(world, invoice)


def _ask(world: World, invoice: Obj) -> None:
    intent = payments.new_intent(
        world,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description=_INTENT_WORDS[invoice["billing_reason"]],
        setup_future_usage="off_session",
    )
    world.store.add(
        {
            "id": new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "created": world.now,
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )


def payment_of(world: World, invoice: Obj) -> Obj | None:
    return next(iter(world.store.all("invoice_payment", invoice=invoice["id"])), None)


def intent_of(world: World, invoice: Obj) -> Obj:
    payment = payment_of(world, invoice)
    if payment is None:
        raise LookupError(f"nothing was asked for {invoice['id']}")
    return world.store.get("payment_intent", payment["payment"]["payment_intent"])


def pay(world: World, invoice: Obj, method: Obj) -> None:
    with world.change(invoice, "invoice.updated"):
        invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
        payments.succeed(world, intent_of(world, invoice), method)
    _mark_paid(world, invoice)


def fail(world: World, invoice: Obj, method: Obj, next_attempt: int | None, charge: Obj | None = None) -> None:
    with world.change(invoice, "invoice.updated"):
        invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
        invoice |= {"next_payment_attempt": next_attempt, "auto_advance": next_attempt is not None}
        payments.decline(world, intent_of(world, invoice), method, charge)
    world.tell("invoice.payment_failed", invoice)


def settle(world: World, invoice: Obj) -> None:
    """The payment that took days arrived."""
    payments.settle(world, intent_of(world, invoice))
    _mark_paid(world, invoice)


def _mark_paid(world: World, invoice: Obj) -> None:
    invoice |= {
        "status": "paid",
        "attempted": True,
        "auto_advance": False,
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = world.now
    payment = payment_of(world, invoice)
    if payment:
        payment |= {"status": "paid", "amount_paid": invoice["amount_due"]}
        payment["status_transitions"]["paid_at"] = world.now
    world.tell("invoice.paid", invoice)
    world.tell("invoice.payment_succeeded", invoice)
    if payment:
        world.tell("invoice_payment.paid", payment)


def stop_collecting(world: World, sub: Obj) -> None:
    """Of a subscription that ended: https://docs.stripe.com/billing/subscriptions/cancel#events"""
    for invoice in world.store.all("invoice", lambda one: one["status"] in ("draft", "open"), _subscription=sub["id"]):
        with world.change(invoice, "invoice.updated"):
            invoice |= {"auto_advance": False, "next_payment_attempt": None, "automatically_finalizes_at": None}


@endpoint("GET", "/v1/invoices/{invoice}", spec.InvoiceRetrieveParams)
def retrieve_invoice(world: World, params: Params, invoice: str) -> Obj:
    return world.store.get("invoice", invoice)


@endpoint("GET", "/v1/invoices", spec.InvoiceListParams, "collection_method customer status subscription")
def list_invoices(world: World, params: Params) -> list[Obj]:
    equal = {name: params.get(name) for name in ("collection_method", "customer", "status")}
    return world.store.all("invoice", _subscription=params.get("subscription"), **equal)


@endpoint("GET", "/v1/invoices/{invoice}/lines", spec.InvoiceListLinesParams)
def list_lines(world: World, params: Params, invoice: str) -> list[Obj]:
    rows: list[Obj] = world.store.get("invoice", invoice)["lines"]["data"]
    return rows


@endpoint("POST", "/v1/invoices/{invoice}", spec.InvoiceModifyParams, "auto_advance description metadata")
def update_invoice(world: World, params: Params, invoice: str) -> Obj:
    found = world.store.get("invoice", invoice)
    with world.change(found, "invoice.updated"):
        set_given(found, params, "auto_advance description metadata")
    return found


@endpoint("POST", "/v1/invoices/{invoice}/void", spec.InvoiceVoidInvoiceParams)
def void_invoice(world: World, params: Params, invoice: str) -> Obj:
    found = world.store.get("invoice", invoice)
    if found["status"] not in ("open", "uncollectible"):
        raise Refusal(f"You can only pass in open or uncollectible invoices. This invoice is {found['status']}.")
    found |= {"status": "void", "auto_advance": False, "next_payment_attempt": None}
    found["status_transitions"]["voided_at"] = world.now
    intent_of(world, found)["status"] = "canceled"
    world.tell("invoice.voided", found)
    return found


@endpoint("GET", "/v1/invoice_payments/{payment}", spec.InvoicePaymentRetrieveParams)
def retrieve_invoice_payment(world: World, params: Params, payment: str) -> Obj:
    return world.store.get("invoice_payment", payment)


@endpoint(
    "GET", "/v1/invoice_payments", spec.InvoicePaymentListParams, "invoice payment.payment_intent payment.type status"
)
def list_invoice_payments(world: World, params: Params) -> list[Obj]:
    intent = params.get("payment", {}).get("payment_intent")
    return world.store.all(
        "invoice_payment",
        lambda one: intent is None or one["payment"].get("payment_intent") == intent,
        invoice=params.get("invoice"),
        status=params.get("status"),
    )


@includable("invoice", "payments")
def payments_of(world: World, invoice: Obj) -> Obj:
    rows = world.store.all("invoice_payment", invoice=invoice["id"])
    return list_of(rows, f"/v1/invoices/{invoice['id']}/payments")


@includable("invoice", "confirmation_secret")
def confirmation_secret(world: World, invoice: Obj) -> Obj | None:
    if payment_of(world, invoice) is None:
        return None
    return {"client_secret": intent_of(world, invoice)["client_secret"], "type": "payment_intent"}
