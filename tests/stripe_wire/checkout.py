"""Checkout sessions: made and read over the API. What the customer does with one is in `checkout_outcomes.py`."""

from __future__ import annotations

from typing import Any

from stripe.params import checkout as spec

from tests.stripe_wire.catalog import create_price
from tests.stripe_wire.clock import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS
from tests.stripe_wire.expansion import includable
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal, malformed
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, letters, list_of, new_id, set_given
from tests.stripe_wire.world import World

_LEAST_CENTS = 50
_LONGEST_REFERENCE = 200
# The account's clock stands still while the caller's goes on.
_SLACK_SECONDS = 10 * MINUTE_SECONDS
_PRICE_DATA = (
    "line_items.price_data.currency line_items.price_data.product line_items.price_data.product_data.name "
    "line_items.price_data.recurring.interval line_items.price_data.recurring.interval_count "
    "line_items.price_data.unit_amount"
)
_TAKES = (
    "adaptive_pricing.enabled allow_promotion_codes automatic_tax.enabled billing_address_collection cancel_url "
    "client_reference_id customer customer_creation customer_email customer_update expires_at line_items.price "
    f"line_items.quantity locale metadata mode payment_intent_data.description payment_intent_data.metadata "
    "payment_intent_data.receipt_email payment_intent_data.setup_future_usage payment_method_types submit_type "
    f"subscription_data.description subscription_data.metadata success_url {_PRICE_DATA}"
)


@endpoint("POST", "/v1/checkout/sessions", spec.SessionCreateParams, _TAKES)
def create_session(world: World, params: Params) -> Obj:
    _check(world, params)
    items = [_line_item(world, given, index, params) for index, given in enumerate(params["line_items"])]
    total = sum(item["amount_total"] for item in items)
    if 0 < total < _LEAST_CENTS:
        raise Refusal("The Checkout Session's total amount must convert to at least 50 cents.", code="amount_too_small")
    id_ = f"cs_test_a1{letters(56)}"
    session: Obj = {
        "id": id_,
        "object": "checkout.session",
        **_nothing(),
        "adaptive_pricing": params.get("adaptive_pricing", {"enabled": False}),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "created": world.now,
        "currency": items[0]["currency"],
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer_creation": _customer_creation(params),
        "expires_at": params.get("expires_at", world.now + DAY_SECONDS),
        "livemode": False,
        "metadata": {},
        "mode": params["mode"],
        "payment_method_collection": "always" if params["mode"] == "subscription" else "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid" if total else "no_payment_required",
        "phone_number_collection": {"enabled": False},
        "saved_payment_method_options": None,
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{world.url}/c/pay/{id_}",
        "_line_items": items,
        "_payment_intent_data": params.get("payment_intent_data", {}),
        "_subscription_data": params.get("subscription_data", {}),
    }
    set_given(
        session,
        params,
        "allow_promotion_codes billing_address_collection cancel_url client_reference_id customer customer_email "
        "locale metadata payment_method_types submit_type success_url",
    )
    session["customer_details"] = _details(world, session)
    return world.store.add(session)


def _nothing() -> Obj:
    empty = (
        "after_expiration allow_promotion_codes billing_address_collection cancel_url client_reference_id "
        "client_secret collected_information consent consent_collection currency_conversion customer customer_account "
        "customer_email integration_identifier invoice invoice_creation locale managed_payments origin_context "
        "payment_intent payment_link payment_method_configuration_details permissions recovered_from setup_intent "
        "shipping_address_collection shipping_cost submit_type subscription success_url wallet_options"
    )
    return {**dict.fromkeys(empty.split()), "discounts": []}


def _check(world: World, params: Params) -> None:
    mode = params.get("mode")
    if mode not in ("payment", "subscription"):
        raise malformed("Invalid mode: must be one of payment or subscription", param="mode")
    if not params.get("line_items"):
        raise malformed("You must provide `line_items`.", code="parameter_missing", param="line_items")
    if "success_url" not in params:
        raise malformed("You must provide `success_url`.", code="parameter_missing", param="success_url")
    for name in ("success_url", "cancel_url"):
        check_url(params.get(name), name)
    if len(params.get("client_reference_id", "")) > _LONGEST_REFERENCE:
        raise malformed("Invalid string: must be at most 200 characters", param="client_reference_id")
    other = "subscription_data" if mode == "payment" else "payment_intent_data"
    if other in params:
        raise malformed(f"You can not pass `{other}` in `{mode}` mode.", param=other)
    if mode == "subscription" and "customer_creation" in params:
        raise malformed("`customer_creation` can only be used in `payment` mode.", param="customer_creation")
    if params.get("automatic_tax", {}).get("enabled"):
        raise malformed("You must have a valid head office address to enable automatic tax calculation in test mode.")
    _check_customer(world, params)
    _check_expiry(world, params.get("expires_at"))


def check_url(url: str | None, param: str) -> None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise malformed(
            "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param=param
        )


def _check_customer(world: World, params: Params) -> None:
    if "customer" in params and "customer_email" in params:
        raise malformed("You may only specify one of these parameters: customer, customer_email.")
    if "customer" in params:
        world.store.get("customer", params["customer"], "customer")
    elif "customer_update" in params:
        raise malformed("`customer_update` can only be used with `customer`.", param="customer_update")


def _check_expiry(world: World, at: int | None) -> None:
    if at is None:
        return
    least, most = world.now + 30 * MINUTE_SECONDS - _SLACK_SECONDS, world.now + 24 * HOUR_SECONDS + _SLACK_SECONDS
    if not least <= at <= most:
        raise malformed(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _line_item(world: World, given: Params, index: int, params: Params) -> Obj:
    path = f"line_items[{index}]"
    if "price_data" in given:
        price = create_price(world, given["price_data"])
    elif "price" in given:
        price = world.store.get("price", given["price"], f"{path}[price]")
    else:
        raise malformed("You must specify one of `price` or `price_data`.", param=path)
    if not price["active"]:
        raise Refusal(f"The price specified is inactive. This field only accepts active prices: {price['id']}.")
    if "quantity" not in given:
        raise malformed("Quantity is required.", code="parameter_missing", param=f"{path}[quantity]")
    if (price["type"] == "recurring") != (params["mode"] == "subscription"):
        raise malformed(
            "You specified `payment` mode but passed a recurring price."
            if params["mode"] == "payment"
            else "You must provide at least one recurring price in `subscription` mode.",
            param="mode",
        )
    return _shown_item(world, price, given["quantity"])


def _shown_item(world: World, price: Obj, quantity: int) -> Obj:
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": world.store.get("product", price["product"])["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def _customer_creation(params: Params) -> str | None:
    if params["mode"] == "subscription":
        return None if "customer" in params else "always"
    return None if "customer" in params else params.get("customer_creation", "if_required")


def _details(world: World, session: Obj) -> Obj | None:
    customer = world.store.find(session["customer"]) if session["customer"] else None
    email = customer["email"] if customer else session["customer_email"]
    return details_of(email) if email else None


def details_of(email: str | None) -> dict[str, Any]:
    """Who the customer said to be; the address is filled in on the page."""
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


@endpoint("GET", "/v1/checkout/sessions/{session}", spec.SessionRetrieveParams)
def retrieve_session(world: World, params: Params, session: str) -> Obj:
    return world.store.get("checkout.session", session, "session")


@endpoint("POST", "/v1/checkout/sessions/{session}", spec.SessionModifyParams, "metadata")
def update_session(world: World, params: Params, session: str) -> Obj:
    found = world.store.get("checkout.session", session, "session")
    set_given(found, params, "metadata")
    return found


@endpoint("POST", "/v1/checkout/sessions/{session}/expire", spec.SessionExpireParams)
def expire_session(world: World, params: Params, session: str) -> Obj:
    found = world.store.get("checkout.session", session, "session")
    if found["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {found['status']}."
        )
    found |= {"status": "expired", "url": None}
    world.tell("checkout.session.expired", found)
    return found


@endpoint(
    "GET",
    "/v1/checkout/sessions",
    spec.SessionListParams,
    "customer customer_details.email payment_intent status subscription",
)
def list_sessions(world: World, params: Params) -> list[Obj]:
    email = params.get("customer_details", {}).get("email")
    equal = {name: params.get(name) for name in ("customer", "payment_intent", "status", "subscription")}
    return world.store.all(
        "checkout.session", lambda one: email is None or (one["customer_details"] or {}).get("email") == email, **equal
    )


@endpoint("GET", "/v1/checkout/sessions/{session}/line_items", spec.SessionListLineItemsParams)
def list_session_items(world: World, params: Params, session: str) -> list[Obj]:
    rows: list[Obj] = world.store.get("checkout.session", session, "session")["_line_items"]
    return rows


@includable("checkout.session", "line_items")
def line_items(world: World, session: Obj) -> Obj:
    return list_of(session["_line_items"], f"/v1/checkout/sessions/{session['id']}/line_items")


@includable("checkout.session.total_details", "breakdown")
def breakdown(world: World, details: Obj) -> Obj:
    return {"discounts": [], "taxes": []}


@includable("item", "discounts")
def item_discounts(world: World, item: Obj) -> list[Obj]:
    return []
