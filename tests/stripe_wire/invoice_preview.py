"""What a change of a subscription would cost: the change is made on a copy of the account, which is thrown away."""

from __future__ import annotations

import copy

from stripe import params as spec

from tests.stripe_wire import subscriptions
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.plan_changes import update_subscription
from tests.stripe_wire.refusals import malformed
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, letters
from tests.stripe_wire.world import World

_DETAILS = ("billing_cycle_anchor", "items", "proration_behavior", "proration_date")
_ITEM = ("deleted", "id", "price", "quantity")
_NEVER_FINALIZED = {
    "amount_paid": 0,
    "attempt_count": 0,
    "attempted": False,
    "automatically_finalizes_at": None,
    "effective_at": None,
    "ending_balance": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "number": None,
    "status": "draft",
}


@endpoint(
    "POST",
    "/v1/invoices/create_preview",
    spec.InvoiceCreatePreviewParams,
    " ".join(
        [
            "customer subscription",
            *(f"subscription_details.{name}" for name in _DETAILS if name != "items"),
            *(f"subscription_details.items.{name}" for name in _ITEM),
        ]
    ),
)
def preview_invoice(world: World, params: Params) -> Obj:
    """The invoice that the change would bring at once, or else the next renewal's."""
    if "subscription" not in params:
        raise malformed("You must provide `subscription`.", code="parameter_missing", param="subscription")
    sub = world.store.get("subscription", params["subscription"], "subscription")
    if params.get("customer", sub["customer"]) != sub["customer"]:
        raise malformed("The subscription does not belong to the customer.", param="subscription")
    trial = World()
    trial.clock.now, trial.url = world.now, world.url
    trial.store = copy.deepcopy(world.store)
    return _preview(trial, trial.store.get("subscription", sub["id"]), params.get("subscription_details", {}))


def _preview(trial: World, sub: Obj, details: Params) -> Obj:
    before = sub["latest_invoice"]
    if details:
        update_subscription(trial, details, sub["id"])
    if sub["latest_invoice"] == before:
        trial.clock.move(subscriptions.ends_at(sub))
        subscriptions.renew(trial, sub)
    invoice = trial.store.get("invoice", sub["latest_invoice"])
    balance = trial.store.get("customer", sub["customer"])["balance"] if invoice["status"] == "draft" else 0
    due = max(invoice["total"] + balance, 0) if invoice["status"] == "draft" else invoice["amount_due"]
    invoice |= {**_NEVER_FINALIZED, "id": f"upcoming_in_{letters(24)}", "amount_due": due, "amount_remaining": due}
    invoice["status_transitions"] = dict.fromkeys(invoice["status_transitions"])
    return invoice
