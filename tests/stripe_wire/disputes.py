"""Disputes: a customer's bank takes the money back, and perhaps returns it."""

from __future__ import annotations

from stripe import params as spec

from tests.stripe_wire.clock import DAY_SECONDS
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.payments import new_balance
from tests.stripe_wire.refusals import Refusal
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, new_id, set_given
from tests.stripe_wire.world import World

_FEE_CENTS = 1500
_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
)


def open_dispute(world: World, charge: Obj, reason: str) -> Obj:
    """Take the whole charge back, with a fee."""
    if charge["disputed"]:
        raise ValueError(f"{charge['id']} is disputed already")
    dispute: Obj = {
        "id": new_id("dp"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.now + 9 * DAY_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    world.store.add(dispute)
    charge |= {"disputed": True, "_is_charged_back": True}
    withdrawn = new_balance(world, -dispute["amount"], _FEE_CENTS, "adjustment", dispute)
    dispute["balance_transactions"].append(withdrawn)
    world.tell("charge.dispute.created", dispute)
    world.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(world: World, dispute: Obj, status: str) -> Obj:
    """`status` is "won" or "lost"; won money comes back without the fee."""
    if dispute["status"] in ("won", "lost"):
        raise Refusal("This dispute is already closed.")
    dispute["status"] = status
    if status == "won":
        returned = new_balance(world, dispute["amount"], 0, "adjustment", dispute)
        dispute["balance_transactions"].append(returned)
        world.store.get("charge", dispute["charge"])["_is_charged_back"] = False
    world.tell("charge.dispute.closed", dispute)
    if status == "won":
        world.tell("charge.dispute.funds_reinstated", dispute)
    return dispute


@endpoint("GET", "/v1/disputes/{dispute}", spec.DisputeRetrieveParams)
def retrieve_dispute(world: World, params: Params, dispute: str) -> Obj:
    return world.store.get("dispute", dispute)


@endpoint("POST", "/v1/disputes/{dispute}", spec.DisputeModifyParams, "metadata")
def update_dispute(world: World, params: Params, dispute: str) -> Obj:
    found = world.store.get("dispute", dispute)
    with world.change(found, "charge.dispute.updated"):
        set_given(found, params, "metadata")
    return found


@endpoint("POST", "/v1/disputes/{dispute}/close", spec.DisputeCloseParams)
def accept_dispute(world: World, params: Params, dispute: str) -> Obj:
    return close_dispute(world, world.store.get("dispute", dispute), "lost")


@endpoint("GET", "/v1/disputes", spec.DisputeListParams, "charge payment_intent")
def list_disputes(world: World, params: Params) -> list[Obj]:
    return world.store.all("dispute", **{name: params.get(name) for name in ("charge", "payment_intent")})
