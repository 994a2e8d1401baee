"""Subscriptions from their first payment to their end."""

from __future__ import annotations

from stripe import params as spec

from tests.stripe_wire import invoices
from tests.stripe_wire.catalog import plan_of
from tests.stripe_wire.clock import DAY_SECONDS, period_end
from tests.stripe_wire.invoice_lines import period_line
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal, missing
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, list_of, new_id
from tests.stripe_wire.world import World

_ENDED = ("canceled", "incomplete_expired")
_RETRY_DAYS = (3, 5, 7)


def new_subscription(world: World, customer: Obj, wanted: list[tuple[Obj, int]], method: Obj, **more: object) -> Obj:
    """Incomplete, with its first invoice open; `wanted` are prices with quantities, `more` are fields."""
    id_ = new_id("sub")
    sub: Obj = {
        "id": id_,
        "object": "subscription",
        **_nothing(),
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": world.now,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": world.now,
        "currency": wanted[0][0]["currency"],
        "customer": customer["id"],
        "default_payment_method": method["id"],
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "items": list_of([], f"/v1/subscription_items?subscription={id_}"),
        "livemode": False,
        "metadata": {},
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "start_date": world.now,
        "status": "incomplete",
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        **more,
    }
    world.store.add(sub)
    for price, quantity in wanted:
        add_item(world, sub, price, quantity)
    lines = [period_line(sub, item) for item in sub["items"]["data"]]
    invoice = invoices.draft(world, sub, lines, "subscription_create", (world.now, world.now))
    world.tell("customer.subscription.created", sub)
    invoices.finalize(world, invoice)
    return sub


def _nothing() -> Obj:
    empty = (
        "application application_fee_percent billing_cycle_anchor_config billing_thresholds cancel_at canceled_at "
        "customer_account days_until_due default_source description ended_at latest_invoice managed_payments "
        "next_pending_invoice_item_invoice on_behalf_of pause_collection pending_invoice_item_interval "
        "pending_setup_intent pending_update schedule test_clock transfer_data trial_end trial_start"
    )
    return dict.fromkeys(empty.split())


def add_item(world: World, sub: Obj, price: Obj, quantity: int) -> Obj:
    recurring = price["recurring"]
    end = period_end(sub["billing_cycle_anchor"], world.now, recurring["interval"], recurring["interval_count"])
    item: Obj = {
        "id": new_id("si"),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": world.now,
        "current_period_end": end,
        "current_period_start": world.now,
        "discounts": [],
        "metadata": {},
        "plan": plan_of(price),
        "price": price,
        "quantity": quantity,
        "subscription": sub["id"],
        "tax_rates": [],
    }
    sub["items"]["data"].append(world.store.add(item))
    return item


def ends_at(sub: Obj) -> int:
    """When the period ends, which all items of this server's subscriptions share."""
    end: int = sub["items"]["data"][0]["current_period_end"]
    return end


def activate(world: World, sub: Obj) -> None:
    with world.change(sub, "customer.subscription.updated"):
        sub["status"] = "active"


def renew(world: World, sub: Obj) -> None:
    """Begin the next period with a draft invoice, which is finalized an hour later."""
    ended = (sub["items"]["data"][0]["current_period_start"], ends_at(sub))
    with world.change(sub, "customer.subscription.updated"):
        roll(world, sub)
        lines = [period_line(sub, item) for item in sub["items"]["data"]]
        invoices.draft(world, sub, lines, "subscription_cycle", ended)


def roll(world: World, sub: Obj) -> None:
    """Move every item to the period that begins now."""
    for item in sub["items"]["data"]:
        recurring = item["price"]["recurring"]
        item["current_period_start"] = world.now
        item["current_period_end"] = period_end(
            sub["billing_cycle_anchor"], world.now, recurring["interval"], recurring["interval_count"]
        )


def collect(world: World, sub: Obj, invoice: Obj) -> bool:
    """Try the card for an open invoice; a refusal makes the subscription past due, the last one ends it."""
    method = world.store.get("payment_method", sub["default_payment_method"])
    if sub["customer"] not in world.failing_customers:
        invoices.pay(world, invoice, method)
        if sub["status"] == "past_due" and sub["latest_invoice"] == invoice["id"]:
            activate(world, sub)
        return True
    tries = invoice["attempt_count"]
    next_attempt = world.now + _RETRY_DAYS[tries] * DAY_SECONDS if tries < len(_RETRY_DAYS) else None
    invoices.fail(world, invoice, method, next_attempt)
    if next_attempt is None:
        end(world, sub, "payment_failed")
        return False
    with world.change(sub, "customer.subscription.updated"):
        sub["status"] = "past_due"
    return False


def end(world: World, sub: Obj, reason: str) -> None:
    sub |= {"status": "canceled", "ended_at": world.now, "canceled_at": sub["canceled_at"] or world.now}
    sub["cancellation_details"]["reason"] = sub["cancellation_details"]["reason"] or reason
    world.tell("customer.subscription.deleted", sub)
    invoices.stop_collecting(world, sub)


@endpoint("GET", "/v1/subscriptions/{sub}", spec.SubscriptionRetrieveParams)
def retrieve_subscription(world: World, params: Params, sub: str) -> Obj:
    return world.store.get("subscription", sub)


@endpoint("GET", "/v1/subscriptions", spec.SubscriptionListParams, "customer price status")
def list_subscriptions(world: World, params: Params) -> list[Obj]:
    status, price = params.get("status"), params.get("price")

    def is_wanted(sub: Obj) -> bool:
        if price and price not in [item["price"]["id"] for item in sub["items"]["data"]]:
            return False
        if status is None:
            return sub["status"] not in _ENDED
        return status == "all" or sub["status"] == status or (status == "ended" and sub["status"] in _ENDED)

    return world.store.all("subscription", is_wanted, customer=params.get("customer"))


@endpoint(
    "DELETE",
    "/v1/subscriptions/{sub}",
    spec.SubscriptionCancelParams,
    "cancellation_details.comment cancellation_details.feedback",
)
def cancel_subscription(world: World, params: Params, sub: str) -> Obj:
    found = world.store.get("subscription", sub)
    if found["status"] in _ENDED:
        raise missing("subscription", sub)
    found["cancellation_details"] |= params.get("cancellation_details", {})
    end(world, found, "cancellation_requested")
    return found


@endpoint("GET", "/v1/subscription_items/{item}", spec.SubscriptionItemRetrieveParams)
def retrieve_subscription_item(world: World, params: Params, item: str) -> Obj:
    return world.store.get("subscription_item", item)


@endpoint("GET", "/v1/subscription_items", spec.SubscriptionItemListParams, "subscription")
def list_subscription_items(world: World, params: Params) -> list[Obj]:
    rows: list[Obj] = world.store.get("subscription", params["subscription"], "subscription")["items"]["data"]
    return rows[::-1]


@endpoint("POST", "/v1/invoices/{invoice}/pay", spec.InvoicePayParams)
def pay_invoice(world: World, params: Params, invoice: str) -> Obj:
    found = world.store.get("invoice", invoice)
    if found["status"] == "paid":
        raise Refusal("Invoice is already paid", code="invoice_already_paid")
    sub = world.store.get("subscription", found["_subscription"])
    if found["status"] == "draft":
        invoices.finalize(world, found)
    if found["status"] == "open" and not collect(world, sub, found):
        raise card_refused()
    return found


def card_refused() -> Refusal:
    return Refusal(
        "Your card was declined.", code="card_declined", status=402, kind="card_error", decline_code="generic_decline"
    )


@endpoint("POST", "/v1/invoices/{invoice}/finalize", spec.InvoiceFinalizeInvoiceParams)
def finalize_invoice(world: World, params: Params, invoice: str) -> Obj:
    found = world.store.get("invoice", invoice)
    if found["status"] != "draft":
        raise Refusal("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    invoices.finalize(world, found)
    return found


@endpoint("DELETE", "/v1/customers/{customer}", spec.CustomerDeleteParams)
def delete_customer(world: World, params: Params, customer: str) -> Obj:
    """Cancel the customer's subscriptions at once and leave a stub behind."""
    found = world.store.get("customer", customer)
    for sub in world.store.all("subscription", lambda one: one["status"] != "canceled", customer=customer):
        end(world, sub, "cancellation_requested")
    world.tell("customer.deleted", found)
    return world.store.add({"id": customer, "object": "customer", "deleted": True})
