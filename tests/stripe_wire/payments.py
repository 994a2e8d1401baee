"""Payment intents, charges, and what they leave on the account's balance."""

from __future__ import annotations

from typing import Any

from stripe import params as spec

from tests.stripe_wire.clock import DAY_SECONDS
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.payment_shapes import new_charge_object, new_intent_object, outcome
from tests.stripe_wire.refusals import Refusal
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, new_id, set_given
from tests.stripe_wire.world import World


def new_intent(world: World, *, amount: int, currency: str, customer: str | None, **more: Any) -> Obj:
    """`more` are fields of the payment intent: metadata, description, receipt_email…"""
    intent = new_intent_object(world, amount=amount, currency=currency, customer=customer, **more)
    world.tell("payment_intent.created", world.store.add(intent))
    return intent


def succeed(world: World, intent: Obj, method: Obj) -> Obj:
    """Take the money at once; return the charge."""
    charge = world.store.add(new_charge_object(world, intent, method))
    _settle(world, intent, charge)
    return charge


def begin(world: World, intent: Obj, method: Obj) -> Obj:
    """A payment that takes days: the charge is pending until `settle` or `break_off`."""
    charge = world.store.add(new_charge_object(world, intent, method))
    charge |= {"status": "pending", "paid": False, "amount_captured": 0, "captured": False, "outcome": outcome()}
    world.tell("charge.pending", charge)
    intent |= {"status": "processing", "payment_method": method["id"], "latest_charge": charge["id"]}
    world.tell("payment_intent.processing", intent)
    return charge


def settle(world: World, intent: Obj) -> Obj:
    """The pending payment arrived."""
    charge = world.store.get("charge", intent["latest_charge"])
    _settle(world, intent, charge)
    return charge


def decline(world: World, intent: Obj, method: Obj, charge: Obj | None = None) -> Obj:
    """The card, or the pending payment, is refused; return the charge."""
    charge = charge or world.store.add(new_charge_object(world, intent, method))
    charge |= {
        "status": "failed",
        "paid": False,
        "captured": False,
        "amount_captured": 0,
        "failure_code": "card_declined",
        "failure_message": "Your card was declined.",
        "outcome": {**outcome(), "network_status": "declined_by_network", "type": "issuer_declined"},
        "receipt_url": None,
    }
    world.tell("charge.failed", charge)
    intent |= {"status": "requires_payment_method", "payment_method": None, "latest_charge": charge["id"]}
    intent["last_payment_error"] = decline_error(charge["id"], method)
    world.tell("payment_intent.payment_failed", intent)
    return charge


def decline_error(charge: str | None, method: Obj | None) -> Obj:
    return {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "generic_decline",
        "charge": charge,
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": "Your card was declined.",
        "payment_method": method,
    }


def _settle(world: World, intent: Obj, charge: Obj) -> None:
    charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"]}
    charge["receipt_url"] = f"{world.url}/receipts/{charge['id']}"
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "payment_method": charge["payment_method"],
        "last_payment_error": None,
    }
    world.tell("charge.succeeded", charge)
    world.tell("payment_intent.succeeded", intent)
    world.afterwards(lambda: _book(world, charge))


def _book(world: World, charge: Obj) -> None:
    """With `automatic_async` the balance transaction comes after the charge succeeded, told by charge.updated.

    https://docs.stripe.com/payments/payment-intents/asynchronous-capture
    """
    fee = round(charge["amount"] * 0.029) + 30
    with world.change(charge, "charge.updated"):
        charge["balance_transaction"] = new_balance(world, charge["amount"], fee, "charge", charge)["id"]


def new_balance(world: World, amount: int, fee: int, kind: str, source: Obj) -> Obj:
    """An entry on the account's balance: `kind` is "charge", "refund" or "adjustment"."""
    words = {"application": None, "currency": source["currency"], "type": "stripe_fee"}
    details = [{"amount": fee, "description": "Stripe processing fees", **words}] if fee else []
    return world.store.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": world.now + 2 * DAY_SECONDS,
            "balance_type": "payments",
            "created": world.now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": "dispute" if kind == "adjustment" else kind,
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )


@endpoint("GET", "/v1/payment_intents/{intent}", spec.PaymentIntentRetrieveParams)
def retrieve_intent(world: World, params: Params, intent: str) -> Obj:
    return world.store.get("payment_intent", intent, "intent")


@endpoint("POST", "/v1/payment_intents/{intent}", spec.PaymentIntentModifyParams, "description metadata receipt_email")
def update_intent(world: World, params: Params, intent: str) -> Obj:
    found = world.store.get("payment_intent", intent, "intent")
    if found["status"] == "canceled":
        raise Refusal("You cannot update a canceled PaymentIntent.", code="payment_intent_unexpected_state")
    set_given(found, params, "description metadata receipt_email")
    return found


@endpoint("GET", "/v1/payment_intents", spec.PaymentIntentListParams, "customer")
def list_intents(world: World, params: Params) -> list[Obj]:
    return world.store.all("payment_intent", customer=params.get("customer"))


@endpoint("GET", "/v1/charges/{charge}", spec.ChargeRetrieveParams)
def retrieve_charge(world: World, params: Params, charge: str) -> Obj:
    return world.store.get("charge", charge)


@endpoint("POST", "/v1/charges/{charge}", spec.ChargeModifyParams, "description metadata receipt_email")
def update_charge(world: World, params: Params, charge: str) -> Obj:
    found = world.store.get("charge", charge)
    with world.change(found, "charge.updated"):
        set_given(found, params, "description metadata receipt_email")
    return found


@endpoint("GET", "/v1/charges", spec.ChargeListParams, "customer payment_intent")
def list_charges(world: World, params: Params) -> list[Obj]:
    return world.store.all("charge", **{name: params.get(name) for name in ("customer", "payment_intent")})


@endpoint("GET", "/v1/balance_transactions/{entry}", spec.BalanceTransactionRetrieveParams)
def retrieve_balance_transaction(world: World, params: Params, entry: str) -> Obj:
    return world.store.get("balance_transaction", entry)


@endpoint("GET", "/v1/balance_transactions", spec.BalanceTransactionListParams, "source type")
def list_balance_transactions(world: World, params: Params) -> list[Obj]:
    return world.store.all("balance_transaction", **{name: params.get(name) for name in ("source", "type")})
