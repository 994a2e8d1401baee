"""The pages that Stripe would host: checkout, the customer portal, receipts and invoices, in plain HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs, urlsplit

from tests.stripe_wire import checkout_outcomes, html, portal_pages
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
            obj = _find(world, kind, found[1]) if found and method == call.method else None
            if obj:
                return show(world, obj, form)
    return html.not_found()


def _find(world: World, kind: str, key: str) -> Obj | None:
    if kind == "billing_portal.session":
        return next((one for one in world.store.all(kind) if one["url"].endswith(f"/{key}")), None)
    found = world.store.find(key)
    return found if found and found["object"] == kind else None


def _show_checkout(world: World, session: Obj, form: Form) -> Reply:
    if session["status"] != "open":
        return html.page("This page has expired", f"<p>The checkout is {session['status']}.</p>")
    rows = "".join(
        f"<li>{escape(one['description'])} × {one['quantity']}: {html.money(one['amount_total'], one['currency'])}</li>"
        for one in session["_line_items"]
    )
    email = escape((session["customer_details"] or {}).get("email") or "")
    buttons = html.button("action", "pay", "Pay") + html.button("action", "later", "Pay by bank debit")
    if session["mode"] == "payment":
        buttons += html.button("action", "decline", "Pay with a card that is declined")
    said = '<p role="alert">Your card was declined.</p>' if form.get("action") == "decline" else ""
    total = html.money(session["amount_total"], session["currency"])
    return html.page(
        "Checkout",
        f"<ul>{rows}</ul><p>Total: <strong>{total}</strong></p>{said}"
        f'<form method="post"><p><label>Email <input type="email" name="email" value="{email}" required></label></p>'
        f"<p>{buttons}</p></form>{html.link(session['cancel_url'], 'Back')}",
    )


def _pay(world: World, session: Obj, form: Form) -> Reply:
    if session["status"] != "open":
        return _show_checkout(world, session, form)
    if form.get("action") == "decline" and session["mode"] == "payment":
        checkout_outcomes.decline(world, session)
        return _show_checkout(world, session, form)
    checkout_outcomes.pay(world, session, later=form.get("action") == "later", email=form.get("email"))
    return html.to(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))


def _show_receipt(world: World, charge: Obj, form: Form) -> Reply:
    amount = html.money(charge["amount"], charge["currency"])
    back = html.money(charge["amount_refunded"], charge["currency"])
    return html.page("Receipt", f"<p>Paid: {amount}</p><p>Refunded: {back}</p>")


def _show_invoice(world: World, invoice: Obj, form: Form) -> Reply:
    rows = "".join(
        f"<li>{escape(line['description'])}: {html.money(line['amount'], line['currency'])}</li>"
        for line in invoice["lines"]["data"]
    )
    due = html.money(invoice["amount_due"], invoice["currency"])
    body = f"<ul>{rows}</ul><p>Due: {due}</p><p>Status: {invoice['status']}</p>"
    return html.page(f"Invoice {invoice['number']}", body)


_PAGES: tuple[tuple[str, str, str, Show], ...] = (
    ("GET", r"/c/pay/(\w+)", "checkout.session", _show_checkout),
    ("POST", r"/c/pay/(\w+)", "checkout.session", _pay),
    ("GET", r"/p/session/(\w+)", "billing_portal.session", portal_pages.show),
    ("POST", r"/p/session/(\w+)", "billing_portal.session", portal_pages.use),
    ("GET", r"/receipts/(\w+)", "charge", _show_receipt),
    ("GET", r"/i/(\w+)(?:/pdf)?", "invoice", _show_invoice),
)
