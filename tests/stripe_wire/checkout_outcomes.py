"""What a customer does with a checkout session: pays, pays in a way that takes days, is declined."""

from __future__ import annotations

from tests.stripe_wire import invoices, payments, subscriptions
from tests.stripe_wire.checkout import details_of
from tests.stripe_wire.customers import create_customer, new_card
from tests.stripe_wire.store import Obj
from tests.stripe_wire.world import World

_SOMEONE = "customer@example.com"


def pay(world: World, session: Obj, *, later: bool = False, email: str | None = None) -> None:
    """Complete the session; with `later` the money is on its way until `settle` or `break_off`."""
    _must_be_open(session)
    customer, method = _payer(world, session, email)
    if session["mode"] == "subscription":
        assert customer is not None, "a subscription always has a customer"
        _subscribe(world, session, customer, method, later)
    elif session["amount_total"]:
        intent = _intent(world, session, customer)
        (payments.begin if later else payments.succeed)(world, intent, method)
    session |= {"status": "complete", "url": None, "customer": customer["id"] if customer else None}
    if session["payment_status"] != "no_payment_required":
        session["payment_status"] = "unpaid" if later else "paid"
    world.tell("checkout.session.completed", session)


def settle(world: World, session: Obj) -> None:
    """The payment that took days arrived."""
    _must_be_on_its_way(session)
    if session["mode"] == "subscription":
        invoices.settle(world, world.store.get("invoice", session["invoice"]))
    else:
        payments.settle(world, world.store.get("payment_intent", session["payment_intent"]))
    session["payment_status"] = "paid"
    world.tell("checkout.session.async_payment_succeeded", session)


def break_off(world: World, session: Obj) -> None:
    """The payment that took days failed; a subscription that was already active becomes past due."""
    _must_be_on_its_way(session)
    if session["mode"] == "subscription":
        invoice = world.store.get("invoice", session["invoice"])
        sub = world.store.get("subscription", session["subscription"])
        charge = world.store.get("charge", invoices.intent_of(world, invoice)["latest_charge"])
        method = world.store.get("payment_method", sub["default_payment_method"])
        invoices.fail(world, invoice, method, None, charge)
        with world.change(sub, "customer.subscription.updated"):
            sub["status"] = "past_due"
    else:
        intent = world.store.get("payment_intent", session["payment_intent"])
        charge = world.store.get("charge", intent["latest_charge"])
        payments.decline(world, intent, world.store.get("payment_method", charge["payment_method"]), charge)
    world.tell("checkout.session.async_payment_failed", session)


def decline(world: World, session: Obj) -> None:
    """The card is refused and the page stays open for another."""
    _must_be_open(session)
    if session["mode"] == "subscription":
        raise ValueError("a declined card leaves nothing of a subscription; decline a session in payment mode")
    _, method = _payer(world, session, None)
    payments.decline(world, _intent(world, session, None), method)


def _must_be_open(session: Obj) -> None:
    if session["status"] != "open":
        raise ValueError(f"{session['id']} is {session['status']}")


def _must_be_on_its_way(session: Obj) -> None:
    if (session["status"], session["payment_status"]) != ("complete", "unpaid"):
        raise ValueError(
            f"{session['id']} is {session['status']} and {session['payment_status']}: nothing is on its way"
        )


def _payer(world: World, session: Obj, email: str | None) -> tuple[Obj | None, Obj]:
    customer = world.store.get("customer", session["customer"]) if session["customer"] else None
    email = email or (customer["email"] if customer else session["customer_email"]) or _SOMEONE
    if customer is None and session["customer_creation"] == "always":
        customer = create_customer(world, {"email": email})
    session["customer_details"] = details_of(email)
    is_kept = session["mode"] == "subscription" or session["_payment_intent_data"].get("setup_future_usage")
    return customer, new_card(world, customer if is_kept else None, email)


def _intent(world: World, session: Obj, customer: Obj | None) -> Obj:
    if session["payment_intent"]:
        return world.store.get("payment_intent", session["payment_intent"])
    intent = payments.new_intent(
        world,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=customer["id"] if customer else session["customer"],
        **session["_payment_intent_data"],
    )
    session["payment_intent"] = intent["id"]
    return intent


def _subscribe(world: World, session: Obj, customer: Obj, method: Obj, later: bool) -> None:
    """Active while a slow payment is on its way: https://docs.stripe.com/billing/subscriptions/overview"""
    wanted = [(item["price"], item["quantity"]) for item in session["_line_items"]]
    sub = subscriptions.new_subscription(world, customer, wanted, method, **session["_subscription_data"])
    invoice = world.store.get("invoice", sub["latest_invoice"])
    session |= {"subscription": sub["id"], "invoice": invoice["id"]}
    if invoice["status"] == "open":
        if later:
            payments.begin(world, invoices.intent_of(world, invoice), method)
        else:
            invoices.pay(world, invoice, method)
    subscriptions.activate(world, sub)
