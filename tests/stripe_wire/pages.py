"""The pages that Stripe would host: checkout, the customer portal, receipts and invoices, in plain HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs, urlsplit

from tests.stripe_wire import checkout_outcomes, subscriptions
from tests.stripe_wire.plan_changes import update_subscription
from tests.stripe_wire.refusals import Refusal
from tests.stripe_wire.store import Obj
from tests.stripe_wire.world import World
from tests.wire.server import Call, Reply

Form = dict[str, str]
Show = Callable[[World, Obj, Form], Reply]


def answer(world: World, call: Call) -> Reply:
    """One request of a browser."""
    path = urlsplit(call.path).path
    form = {name: values[0] for name, values in parse_qs(call.body.decode(), keep_blank_values=True).items()}
    with world.turn():
        for method, pattern, kind, show in _PAGES:
            found = re.fullmatch(pattern, path)
            if not found or method != call.method:
                continue
            obj = _find(world, kind, found[1])
            if obj:
                return show(world, obj, form)
    return _page("Not found", "<p>There is nothing here.</p>", status=404)


def _find(world: World, kind: str, key: str) -> Obj | None:
    if kind == "billing_portal.session":
        return next((one for one in world.store.all(kind) if one["url"].endswith(f"/{key}")), None)
    found = world.store.find(key)
    return found if found and found["object"] == kind else None


def _show_checkout(world: World, session: Obj, form: Form) -> Reply:
    if session["status"] != "open":
        return _page("This page has expired", f"<p>The checkout is {session['status']}.</p>")
    rows = "".join(
        f"<li>{escape(item['description'])} × {item['quantity']}: {_money(item['amount_total'], item['currency'])}</li>"
        for item in session["_line_items"]
    )
    email = escape((session["customer_details"] or {}).get("email") or "")
    back = f'<p><a href="{escape(session["cancel_url"])}">Back</a></p>' if session["cancel_url"] else ""
    total = _money(session["amount_total"], session["currency"])
    return _page(
        "Checkout",
        f"<ul>{rows}</ul><p>Total: <strong>{total}</strong></p>"
        f'<form method="post"><p><label>Email <input type="email" name="email" value="{email}" required></label></p>'
        f'<p><button name="action" value="pay">Pay</button> '
        f'<button name="action" value="later">Pay by bank debit</button></p></form>{back}',
    )


def _pay(world: World, session: Obj, form: Form) -> Reply:
    if session["status"] != "open":
        return _show_checkout(world, session, form)
    checkout_outcomes.pay(world, session, later=form.get("action") == "later", email=form.get("email"))
    return _to(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))


def _show_portal(world: World, portal: Obj, form: Form) -> Reply:
    features = world.store.get("billing_portal.configuration", portal["configuration"])["features"]
    subs = world.store.all("subscription", lambda one: one["status"] != "canceled", customer=portal["customer"])
    shown = "".join(_subscription(world, sub, features) for sub in subs) or "<p>No subscription.</p>"
    back = f'<p><a href="{escape(portal["return_url"])}">Return</a></p>' if portal["return_url"] else ""
    return _page("Manage your subscription", shown + back)


def _subscription(world: World, sub: Obj, features: Obj) -> str:
    item = sub["items"]["data"][0]
    buttons = []
    if features["subscription_cancel"]["enabled"]:
        action, words = ("resume", "Keep plan") if sub["cancel_at"] else ("cancel", "Cancel plan")
        buttons.append(f'<button name="action" value="{action}">{words}</button>')
    if features["subscription_update"]["enabled"]:
        for id_ in _prices(features):
            if id_ != item["price"]["id"]:
                price = world.store.get("price", id_)
                words = f"Switch to {_words(world, price)}"
                buttons.append(f'<button name="price" value="{id_}">{escape(words)}</button>')
    ends = "<p>Ends with the current period.</p>" if sub["cancel_at"] else ""
    return (
        f"<section><h2>{escape(_words(world, item['price']))}</h2><p>Status: {sub['status']}</p>{ends}"
        f'<form method="post"><input type="hidden" name="subscription" value="{sub["id"]}">{"".join(buttons)}</form>'
        "</section>"
    )


def _prices(features: Obj) -> list[str]:
    return [price for product in features["subscription_update"]["products"] or () for price in product["prices"]]


def _words(world: World, price: Obj) -> str:
    name = world.store.get("product", price["product"])["name"]
    return f"{name}, {_money(price['unit_amount'], price['currency'])} per {price['recurring']['interval']}"


def _use_portal(world: World, portal: Obj, form: Form) -> Reply:
    features = world.store.get("billing_portal.configuration", portal["configuration"])["features"]
    sub = world.store.get("subscription", form.get("subscription", ""))
    if sub["customer"] != portal["customer"]:
        return _page("Not found", "<p>There is nothing here.</p>", status=404)
    try:
        _change(world, sub, features, form)
    except Refusal as refusal:
        return _page("That did not work", f"<p>{escape(str(refusal))}</p>", status=refusal.status)
    return _to(portal["url"])


def _change(world: World, sub: Obj, features: Obj, form: Form) -> None:
    if form.get("action") in ("cancel", "resume") and features["subscription_cancel"]["enabled"]:
        if form["action"] == "cancel" and features["subscription_cancel"]["mode"] == "immediately":
            subscriptions.end(world, sub, "cancellation_requested")
            return
        update_subscription(world, {"cancel_at_period_end": form["action"] == "cancel"}, sub["id"])
    elif features["subscription_update"]["enabled"] and form.get("price") in _prices(features):
        items = [{"id": sub["items"]["data"][0]["id"], "price": form["price"]}]
        how = features["subscription_update"]["proration_behavior"]
        update_subscription(world, {"items": items, "proration_behavior": how}, sub["id"])
    else:
        raise Refusal("The portal's configuration does not allow it.")


def _show_receipt(world: World, charge: Obj, form: Form) -> Reply:
    amount = _money(charge["amount"], charge["currency"])
    back = _money(charge["amount_refunded"], charge["currency"])
    return _page("Receipt", f"<p>Paid: {amount}</p><p>Refunded: {back}</p>")


def _show_invoice(world: World, invoice: Obj, form: Form) -> Reply:
    rows = "".join(
        f"<li>{escape(line['description'])}: {_money(line['amount'], line['currency'])}</li>"
        for line in invoice["lines"]["data"]
    )
    due = _money(invoice["amount_due"], invoice["currency"])
    return _page(f"Invoice {invoice['number']}", f"<ul>{rows}</ul><p>Due: {due}</p><p>Status: {invoice['status']}</p>")


def _money(cents: int, currency: str) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d} {currency.upper()}"


def _page(title: str, body: str, *, status: int = 200) -> Reply:
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return Reply(status, html.encode(), "text/html; charset=utf-8")


def _to(url: str) -> Reply:
    return Reply(303, b"", "text/html", {"Location": url})


_PAGES: tuple[tuple[str, str, str, Show], ...] = (
    ("GET", r"/c/pay/(\w+)", "checkout.session", _show_checkout),
    ("POST", r"/c/pay/(\w+)", "checkout.session", _pay),
    ("GET", r"/p/session/(\w+)", "billing_portal.session", _show_portal),
    ("POST", r"/p/session/(\w+)", "billing_portal.session", _use_portal),
    ("GET", r"/receipts/(\w+)", "charge", _show_receipt),
    ("GET", r"/i/(\w+)(?:/pdf)?", "invoice", _show_invoice),
)
