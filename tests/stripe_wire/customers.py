"""Customers and the cards that they have paid with."""

from __future__ import annotations

from stripe import params as spec

from tests.stripe_wire.expansion import includable
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import malformed, missing
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, letters, list_of, new_id, set_given
from tests.stripe_wire.world import World

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_CUSTOMER = "address balance description email metadata name phone preferred_locales shipping tax_exempt"
_SETTINGS = "invoice_settings.default_payment_method"


@endpoint("POST", "/v1/customers", spec.CustomerCreateParams, f"{_CUSTOMER} {_SETTINGS}")
def create_customer(world: World, params: Params) -> Obj:
    customer: Obj = {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": world.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": letters(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _write(world, customer, params)
    world.tell("customer.created", world.store.add(customer))
    return customer


def _write(world: World, customer: Obj, params: Params) -> None:
    method = params.get("invoice_settings", {}).get("default_payment_method")
    if method:
        found = world.store.get("payment_method", method, "invoice_settings[default_payment_method]")
        if found["customer"] != customer["id"]:
            raise malformed("The customer does not have a payment method with the ID " + method)
    if method is not None:
        customer["invoice_settings"]["default_payment_method"] = method or None
    set_given(customer, params, _CUSTOMER)
    if customer["address"]:
        customer["address"] = address_of(customer["address"])


def address_of(given: Params) -> Obj:
    return {name: given.get(name) for name in _ADDRESS}


@endpoint("GET", "/v1/customers/{customer}", spec.CustomerRetrieveParams)
def retrieve_customer(world: World, params: Params, customer: str) -> Obj:
    found = world.store.find(customer)
    if found is None or found["object"] != "customer":
        raise missing("customer", customer)
    return found


@endpoint("POST", "/v1/customers/{customer}", spec.CustomerModifyParams, f"{_CUSTOMER} {_SETTINGS}")
def update_customer(world: World, params: Params, customer: str) -> Obj:
    found = world.store.get("customer", customer)
    with world.change(found, "customer.updated"):
        _write(world, found, params)
    return found


@endpoint("GET", "/v1/customers", spec.CustomerListParams, "email")
def list_customers(world: World, params: Params) -> list[Obj]:
    return world.store.all("customer", email=params.get("email"))


@includable("customer", "sources")
def sources(world: World, customer: Obj) -> Obj:
    return list_of([], f"/v1/customers/{customer['id']}/sources")


@includable("customer", "tax_ids")
def tax_ids(world: World, customer: Obj) -> Obj:
    return list_of([], f"/v1/customers/{customer['id']}/tax_ids")


@includable("customer", "subscriptions")
def subscriptions(world: World, customer: Obj) -> Obj:
    rows = world.store.all("subscription", lambda one: one["status"] != "canceled", customer=customer["id"])
    return list_of(rows, f"/v1/customers/{customer['id']}/subscriptions")


def new_card(world: World, customer: Obj | None, email: str | None) -> Obj:
    """A card as the hosted page takes it; kept with the customer if there is one."""
    card: Obj = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(email),
        "card": {
            "brand": "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": "visa",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": letters(16),
            "funding": "credit",
            "generated_from": None,
            "last4": "4242",
            "networks": {"available": ["visa"], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": world.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    world.store.add(card)
    if customer:
        card["customer"] = customer["id"]
        world.tell("payment_method.attached", card)
    return card


def billing_details(email: str | None) -> Obj:
    return {"address": address_of({}), "email": email, "name": None, "phone": None, "tax_id": None}


@endpoint("GET", "/v1/payment_methods/{method}", spec.PaymentMethodRetrieveParams)
def retrieve_payment_method(world: World, params: Params, method: str) -> Obj:
    return world.store.get("payment_method", method)


@endpoint("GET", "/v1/payment_methods", spec.PaymentMethodListParams, "customer type")
def list_payment_methods(world: World, params: Params) -> list[Obj]:
    return world.store.all(
        "payment_method",
        lambda method: method["customer"] is not None,
        customer=params.get("customer"),
        type=params.get("type"),
    )


@endpoint("GET", "/v1/customers/{customer}/payment_methods", spec.CustomerListPaymentMethodsParams, "type")
def list_customer_payment_methods(world: World, params: Params, customer: str) -> list[Obj]:
    world.store.get("customer", customer, "customer")
    return world.store.all("payment_method", customer=customer, type=params.get("type"))


@endpoint("POST", "/v1/payment_methods/{method}/detach", spec.PaymentMethodDetachParams)
def detach_payment_method(world: World, params: Params, method: str) -> Obj:
    found = world.store.get("payment_method", method)
    if found["customer"] is None:
        raise malformed("The payment method you provided is not attached to a customer so detachment is impossible.")
    found["customer"] = None
    world.tell("payment_method.detached", found)
    return found
