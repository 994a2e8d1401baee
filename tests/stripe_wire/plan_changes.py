"""Updates of a subscription: another price, another anchor, an end that is set or taken back.

https://docs.stripe.com/billing/subscriptions/prorations
"""

from __future__ import annotations

from dataclasses import dataclass

from stripe import params as spec

from tests.stripe_wire import invoices, subscriptions
from tests.stripe_wire.catalog import plan_of
from tests.stripe_wire.invoice_lines import new_item, period_line
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal, malformed, not_here
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, merged, new_id, set_given
from tests.stripe_wire.world import World

_TAKES = (
    "billing_cycle_anchor cancel_at cancel_at_period_end cancellation_details.comment cancellation_details.feedback "
    "default_payment_method description items.deleted items.id items.price items.quantity metadata payment_behavior "
    "proration_behavior proration_date"
)


@dataclass(frozen=True)
class _Share:
    """What is left of an item's period, and what it costs."""

    item: Obj
    price: Obj
    quantity: int
    period: tuple[int, int]
    left: int
    whole: int

    @property
    def cents(self) -> int:
        amount = self.price["unit_amount"] * self.quantity
        return int((2 * amount * self.left + self.whole) // (2 * self.whole))


@endpoint("POST", "/v1/subscriptions/{sub}", spec.SubscriptionModifyParams, _TAKES)
def update_subscription(world: World, params: Params, sub: str) -> Obj:
    found = world.store.get("subscription", sub)
    if found["status"] == "canceled" and params.keys() - {"cancellation_details", "metadata", "expand"}:
        raise Refusal("A canceled subscription can only update its cancellation_details and metadata.")
    if params.get("payment_behavior") in ("pending_if_incomplete", "default_incomplete"):
        raise not_here(f"the payment behaviour {params['payment_behavior']}")
    _check_items(world, found, params.get("items", []))
    _check_card(world, found, params)
    _check_end(world, found, params)
    if "items" in params:
        _shares(world, found, params)
    with world.change(found, "customer.subscription.updated"):
        found["metadata"] = merged(found["metadata"], params.get("metadata"))
        set_given(found, params, "default_payment_method description")
        found["cancellation_details"] |= params.get("cancellation_details", {})
        _set_end(world, found, params)
        if "items" in params or params.get("billing_cycle_anchor") == "now":
            _change(world, found, params)
    return found


def _check_items(world: World, sub: Obj, items: list[Params]) -> None:
    prices: dict[str, Obj] = {item["id"]: item["price"] for item in sub["items"]["data"]}
    for index, given in enumerate(items):
        if "id" in given and given["id"] not in prices:
            raise malformed(f"No such subscription item: '{given['id']}'", param=f"items[{index}][id]")
        if given.get("deleted"):
            del prices[given["id"]]
            continue
        if "price" not in given:
            continue
        price = _plan(world, given["price"], f"items[{index}][price]")
        if "id" not in given and price in prices.values():
            raise malformed(f"Cannot add multiple subscription items with the same plan: {price['id']}", param="items")
        prices[given.get("id", f"new {index}")] = price
    if not prices:
        raise malformed("A subscription must have at least one active plan.", param="items")
    if len({(price["currency"], *_interval(price)) for price in prices.values()}) > 1:
        raise malformed("Currency and interval fields must match across all plans on this subscription.", param="items")


def _plan(world: World, id_: str, param: str) -> Obj:
    price = world.store.get("price", id_, param)
    if price["type"] != "recurring" or not price["active"]:
        raise malformed(f"The price {id_} is not an active recurring price.", param=param)
    return price


def _check_card(world: World, sub: Obj, params: Params) -> None:
    is_charged = params.get("proration_behavior") == "always_invoice" or params.get("billing_cycle_anchor") == "now"
    is_strict = params.get("payment_behavior") == "error_if_incomplete"
    if is_strict and is_charged and sub["customer"] in world.failing_customers:
        raise subscriptions.card_refused()


def schedule_change(world: World, sub: Obj) -> None:
    """As the portal does for a change at the end of the period: a schedule manages the subscription from now on."""
    with world.change(sub, "customer.subscription.updated"):
        sub["schedule"] = new_id("sub_sched")
    schedule: Obj = {"id": sub["schedule"], "object": "subscription_schedule", "status": "active"}
    world.store.add(schedule | {"subscription": sub["id"]})


@endpoint("POST", "/v1/subscription_schedules/{schedule}/release", spec.SubscriptionScheduleReleaseParams)
def release_schedule(world: World, params: Params, schedule: str) -> Obj:
    found = world.store.get("subscription_schedule", schedule)
    sub = world.store.get("subscription", found["subscription"])
    with world.change(sub, "customer.subscription.updated"):
        sub["schedule"] = None
    found |= {"status": "released", "released_subscription": sub["id"], "subscription": None}
    return found


def _check_end(world: World, sub: Obj, params: Params) -> None:
    if sub["schedule"] and params.keys() & {"cancel_at", "cancel_at_period_end"}:
        raise Refusal(
            f"The subscription is managed by the subscription schedule `{sub['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead."
        )
    if "cancel_at" in params and "cancel_at_period_end" in params:
        raise malformed("You cannot set both `cancel_at` and `cancel_at_period_end`.", param="cancel_at")
    at = params.get("cancel_at") or None
    if at in ("max_period_end", "max_billed_until"):
        raise not_here(f"cancel_at={at}")
    if isinstance(at, int) and at <= world.now:
        raise malformed("`cancel_at` must be in the future.", param="cancel_at")


def _set_end(world: World, sub: Obj, params: Params) -> None:
    if "cancel_at_period_end" in params:
        at = subscriptions.ends_at(sub) if params["cancel_at_period_end"] else None
    elif "cancel_at" in params:
        at = subscriptions.ends_at(sub) if params["cancel_at"] == "min_period_end" else params["cancel_at"] or None
    else:
        return
    sub |= {
        "cancel_at_period_end": params.get("cancel_at_period_end", False),
        "cancel_at": at,
        "canceled_at": None if at is None else sub["canceled_at"] or world.now,
    }
    sub["cancellation_details"]["reason"] = "cancellation_requested" if at else None


def _change(world: World, sub: Obj, params: Params) -> None:
    how = params.get("proration_behavior", "create_prorations")
    before = _shares(world, sub, params)
    _write_items(world, sub, params.get("items", []))
    is_new_period = params.get("billing_cycle_anchor") == "now" or _interval(before[0].price) != _interval(
        sub["items"]["data"][0]["price"]
    )
    if is_new_period:
        sub["billing_cycle_anchor"] = world.now
        subscriptions.roll(world, sub)
    if how != "none":
        _prorate(world, sub, before, [] if is_new_period else _shares(world, sub, params))
    if sub["cancel_at_period_end"]:
        sub["cancel_at"] = subscriptions.ends_at(sub)
    if is_new_period or how == "always_invoice":
        lines = [period_line(sub, item) for item in sub["items"]["data"]] if is_new_period else []
        _invoice(world, sub, lines)


def _interval(price: Obj) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def _shares(world: World, sub: Obj, params: Params) -> list[_Share]:
    at = params.get("proration_date", world.now)
    shares = []
    for item in sub["items"]["data"]:
        start, end = item["current_period_start"], item["current_period_end"]
        if not start <= at <= end:
            raise malformed("Cannot specify a proration date outside of the current period.", param="proration_date")
        shares.append(_Share(item, item["price"], item["quantity"], (at, end), end - at, end - start))
    return shares


def _write_items(world: World, sub: Obj, items: list[Params]) -> None:
    rows: list[Obj] = sub["items"]["data"]
    for given in items:
        if "id" not in given:
            subscriptions.add_item(world, sub, world.store.get("price", given["price"]), given.get("quantity", 1))
            continue
        item = next(one for one in rows if one["id"] == given["id"])
        if given.get("deleted"):
            rows.remove(item)
            continue
        price = world.store.get("price", given["price"]) if "price" in given else item["price"]
        item |= {"price": price, "plan": plan_of(price), "quantity": given.get("quantity", item["quantity"])}


def _prorate(world: World, sub: Obj, before: list[_Share], after: list[_Share]) -> None:
    """Credit what is no longer used, and charge for what is used instead."""
    kept = [(share.item["id"], share.price["id"], share.quantity) for share in after]
    had = [(share.item["id"], share.price["id"], share.quantity) for share in before]
    for share, key in zip(before, had, strict=True):
        if key not in kept:
            _wait(world, sub, share, -share.cents, "Unused time on")
    for share, key in zip(after, kept, strict=True):
        if key not in had:
            _wait(world, sub, share, share.cents, "Remaining time on")


def _wait(world: World, sub: Obj, share: _Share, cents: int, words: str) -> None:
    name = share.price["nickname"] or share.price["product"]
    new_item(world, sub, share.price, share.quantity, cents, share.period, f"{words} {name}")


def _invoice(world: World, sub: Obj, lines: list[Obj]) -> None:
    """Ask at once; a refused card leaves the change in force and the subscription past due."""
    invoice = invoices.draft(world, sub, lines, "subscription_update", (world.now, world.now))
    invoices.finalize(world, invoice)
    if invoice["status"] == "open":
        subscriptions.collect(world, sub, invoice)
