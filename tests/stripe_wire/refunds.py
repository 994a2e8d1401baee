"""Money given back."""

from __future__ import annotations

from stripe import params as spec

from tests.stripe_wire.expansion import includable
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.payments import new_balance
from tests.stripe_wire.refusals import Refusal, malformed
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, list_of, new_id, set_given
from tests.stripe_wire.world import World


@endpoint("POST", "/v1/refunds", spec.RefundCreateParams, "amount charge metadata payment_intent reason")
def create_refund(world: World, params: Params) -> Obj:
    charge = _charge(world, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    _check(charge, amount, left)
    refund: Obj = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": world.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {"card": {"type": "refund", "reference_status": "pending"}, "type": "card"},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    set_given(refund, params, "metadata reason")
    refund["balance_transaction"] = new_balance(world, -amount, 0, "refund", refund)["id"]
    world.tell("refund.created", world.store.add(refund))
    with world.change(charge, "charge.refunded"):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    return refund


def _charge(world: World, params: Params) -> Obj:
    if "charge" in params:
        charge = world.store.get("charge", params["charge"], "charge")
    elif "payment_intent" in params:
        intent = world.store.get("payment_intent", params["payment_intent"], "payment_intent")
        if intent["latest_charge"] is None:
            raise Refusal(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
        charge = world.store.get("charge", intent["latest_charge"])
    else:
        raise malformed("One of the following params should be provided for this request: payment_intent or charge.")
    if charge["status"] != "succeeded":
        raise Refusal(f"Charge {charge['id']} cannot be refunded: its status is {charge['status']}.", param="charge")
    return charge


def _check(charge: Obj, amount: int, left: int) -> None:
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge.get("_is_charged_back"):
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if amount < 1:
        raise malformed("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise Refusal(
            f"Refund amount (${amount / 100:.2f}) is greater than unrefunded amount on charge (${left / 100:.2f})",
            param="amount",
        )


def fail_refund(world: World, refund: Obj) -> Obj:
    """The customer's bank does not take it: the money is on our balance again, days later."""
    charge = world.store.get("charge", refund["charge"])
    returned = new_balance(world, refund["amount"], 0, "refund_failure", refund)
    refund |= {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": returned["id"],
    }
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    world.tell("refund.updated", refund)
    world.tell("refund.failed", refund)
    return refund


@endpoint("GET", "/v1/refunds/{refund}", spec.RefundRetrieveParams)
def retrieve_refund(world: World, params: Params, refund: str) -> Obj:
    return world.store.get("refund", refund)


@endpoint("POST", "/v1/refunds/{refund}", spec.RefundModifyParams, "metadata")
def update_refund(world: World, params: Params, refund: str) -> Obj:
    found = world.store.get("refund", refund)
    with world.change(found, "refund.updated"):
        set_given(found, params, "metadata")
    return found


@endpoint("GET", "/v1/refunds", spec.RefundListParams, "charge payment_intent")
def list_refunds(world: World, params: Params) -> list[Obj]:
    return world.store.all("refund", **{name: params.get(name) for name in ("charge", "payment_intent")})


@includable("charge", "refunds")
def refunds_of(world: World, charge: Obj) -> Obj:
    return list_of(world.store.all("refund", charge=charge["id"]), f"/v1/charges/{charge['id']}/refunds")
