"""The customer portal as a page: what the configuration allows, or the one flow that the session was made for."""

from __future__ import annotations

from html import escape

from tests.stripe_wire import html, subscriptions
from tests.stripe_wire.customers import new_card
from tests.stripe_wire.plan_changes import update_subscription
from tests.stripe_wire.refusals import Refusal
from tests.stripe_wire.store import Obj
from tests.stripe_wire.world import World
from tests.wire.server import Reply

Form = dict[str, str]


def show(world: World, portal: Obj, form: Form) -> Reply:
    subs = world.store.all("subscription", lambda one: one["status"] != "canceled", customer=portal["customer"])
    shown = "".join(_subscription(world, sub, portal) for sub in subs) or "<p>No subscription.</p>"
    if _is_allowed(world, portal, "payment_method_update"):
        shown += f'<form method="post">{html.button("action", "card", "Use a new card")}</form>'
    return html.page("Manage your subscription", shown + html.link(portal["return_url"], "Return"))


def _is_allowed(world: World, portal: Obj, what: str) -> bool:
    flow = portal["flow"]
    return bool(_features(world, portal)[what]["enabled"] and (flow is None or flow["type"] == what))


def _features(world: World, portal: Obj) -> Obj:
    features: Obj = world.store.get("billing_portal.configuration", portal["configuration"])["features"]
    return features


def _subscription(world: World, sub: Obj, portal: Obj) -> str:
    item = sub["items"]["data"][0]
    buttons = f'<input type="hidden" name="subscription" value="{sub["id"]}">'
    if _is_allowed(world, portal, "subscription_cancel"):
        action, words = ("resume", "Keep plan") if sub["cancel_at"] else ("cancel", "Cancel plan")
        buttons += html.button("action", action, words)
    if _is_allowed(world, portal, "subscription_update"):
        others = [world.store.get("price", id_) for id_ in _prices(world, portal) if id_ != item["price"]["id"]]
        buttons += "".join(html.button("price", price["id"], f"Switch to {_words(world, price)}") for price in others)
    ends = "<p>Ends with the current period.</p>" if sub["cancel_at"] else ""
    return (
        f"<section><h2>{escape(_words(world, item['price']))}</h2><p>Status: {sub['status']}</p>{ends}"
        f'<form method="post">{buttons}</form></section>'
    )


def _prices(world: World, portal: Obj) -> list[str]:
    products = _features(world, portal)["subscription_update"]["products"] or ()
    return [price for product in products for price in product["prices"]]


def _words(world: World, price: Obj) -> str:
    name = world.store.get("product", price["product"])["name"]
    return f"{name}, {html.money(price['unit_amount'], price['currency'])} per {price['recurring']['interval']}"


def use(world: World, portal: Obj, form: Form) -> Reply:
    """Do what a button asks, and lead back to the page, or on where the flow says so."""
    try:
        if form.get("action") == "card":
            _replace_card(world, portal)
        else:
            _change(world, _own_subscription(world, portal, form), portal, form)
    except Refusal as refusal:
        return html.page("That did not work", f"<p>{escape(str(refusal))}</p>", status=refusal.status)
    redirect = (portal["flow"] or {}).get("after_completion", {}).get("redirect")
    return html.to(redirect["return_url"] if redirect else portal["url"])


def _own_subscription(world: World, portal: Obj, form: Form) -> Obj:
    sub = world.store.get("subscription", form.get("subscription", ""))
    if sub["customer"] != portal["customer"]:
        raise Refusal("There is no such subscription.", status=404)
    return sub


def _change(world: World, sub: Obj, portal: Obj, form: Form) -> None:
    features = _features(world, portal)
    if form.get("action") in ("cancel", "resume") and _is_allowed(world, portal, "subscription_cancel"):
        if form["action"] == "cancel" and features["subscription_cancel"]["mode"] == "immediately":
            subscriptions.end(world, sub, "cancellation_requested")
        else:
            update_subscription(world, {"cancel_at_period_end": form["action"] == "cancel"}, sub["id"])
    elif _is_allowed(world, portal, "subscription_update") and form.get("price") in _prices(world, portal):
        items = [{"id": sub["items"]["data"][0]["id"], "price": form["price"]}]
        how = features["subscription_update"]["proration_behavior"]
        update_subscription(world, {"items": items, "proration_behavior": how}, sub["id"])
    else:
        raise _forbidden()


def _replace_card(world: World, portal: Obj) -> None:
    """A card that works, for everything that the customer has."""
    if not _is_allowed(world, portal, "payment_method_update"):
        raise _forbidden()
    customer = world.store.get("customer", portal["customer"])
    card = new_card(world, customer, customer["email"])
    world.failing_customers.discard(customer["id"])
    with world.change(customer, "customer.updated"):
        customer["invoice_settings"]["default_payment_method"] = card["id"]
    for sub in world.store.all("subscription", lambda one: one["status"] != "canceled", customer=customer["id"]):
        with world.change(sub, "customer.subscription.updated"):
            sub["default_payment_method"] = card["id"]


def _forbidden() -> Refusal:
    return Refusal("The portal's configuration does not allow it.")
