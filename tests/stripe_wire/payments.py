"""Payment intents, charges, and what they leave on the account's balance."""

from __future__ import annotations

from typing import Any

from stripe import params as spec

from tests.stripe_wire.clock import DAY_SECONDS
from tests.stripe_wire.customers import billing_details
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, letters, new_id, set_given
from tests.stripe_wire.world import World

_OPTIONS = {
    "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
}


def new_intent(world: World, *, amount: int, currency: str, customer: str | None, **more: Any) -> Obj:
    """`more` are fields of the payment intent: metadata, description, receipt_email…"""
    id_ = new_id("pi")
    intent: Obj = {
        "id": id_,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id_}_secret_{letters(25)}",
        "confirmation_method": "automatic",
        "created": world.now,
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": _OPTIONS,
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        **more,
    }
    world.tell("payment_intent.created", world.store.add(intent))
    return intent


def succeed(world: World, intent: Obj, method: Obj) -> Obj:
    """Take the money at once; return the charge."""
    charge = _new_charge(world, intent, method)
    _settle(world, intent, charge)
    return charge


def begin(world: World, intent: Obj, method: Obj) -> Obj:
    """A payment that takes days: the charge is pending until `settle` or `break_off`."""
    charge = _new_charge(world, intent, method)
    charge |= {"status": "pending", "paid": False, "amount_captured": 0, "captured": False, "outcome": _outcome()}
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
    charge = charge or _new_charge(world, intent, method)
    charge |= {
        "status": "failed",
        "paid": False,
        "captured": False,
        "amount_captured": 0,
        "failure_code": "card_declined",
        "failure_message": "Your card was declined.",
        "outcome": {**_outcome(), "network_status": "declined_by_network", "type": "issuer_declined"},
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


def _outcome() -> Obj:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _new_charge(world: World, intent: Obj, method: Obj) -> Obj:
    charge: Obj = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": billing_details(method["billing_details"]["email"]),
        "calculated_statement_descriptor": "CANVASCAST",
        "captured": True,
        "created": world.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _card_details(method, intent["amount"]), "type": "card"},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
    return world.store.add(charge)


def _card_details(method: Obj, amount: int) -> Obj:
    same = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "regulated_status",
    )
    return {
        **{name: method["card"][name] for name in same},
        "amount_authorized": amount,
        "authorization_code": "123456",
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": "visa",
        "network_token": {"used": False},
        "network_transaction_id": letters(15),
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }


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
