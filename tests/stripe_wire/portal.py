"""The customer portal: what it allows, and the sessions that open it."""

from __future__ import annotations

from stripe.params import billing_portal as spec

from tests.stripe_wire.checkout import check_url
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal, malformed, missing
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, letters, new_id, set_given
from tests.stripe_wire.world import World

_TAKES = (
    "business_profile default_return_url features.customer_update features.invoice_history "
    "features.payment_method_update features.subscription_cancel features.subscription_update login_page metadata name"
)


@endpoint("POST", "/v1/billing_portal/configurations", spec.ConfigurationCreateParams, _TAKES)
def create_configuration(world: World, params: Params) -> Obj:
    found = new_configuration(world, is_default=False)
    _write(world, found, params)
    world.tell("billing_portal.configuration.created", found)
    return found


def new_configuration(world: World, *, is_default: bool) -> Obj:
    return world.store.add(
        {
            "id": new_id("bpc"),
            "object": "billing_portal.configuration",
            "active": True,
            "application": None,
            "business_profile": dict.fromkeys(("headline", "privacy_policy_url", "terms_of_service_url")),
            "created": world.now,
            "default_return_url": None,
            "features": _features(),
            "is_default": is_default,
            "livemode": False,
            "login_page": {"enabled": False, "url": None},
            "metadata": {},
            "name": None,
            "updated": world.now,
        }
    )


def _features() -> Obj:
    return {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "options": []},
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "proration_behavior": "none",
            "products": [],
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }


def _write(world: World, configuration: Obj, params: Params) -> None:
    for name, given in params.get("features", {}).items():
        for product in given.get("products") or ():
            for price in product["prices"]:
                found = world.store.get("price", price, "features[subscription_update][products]")
                if found["product"] != product["product"]:
                    raise malformed(f"The price {price} does not belong to the product {product['product']}.")
        configuration["features"][name] |= given
    configuration["business_profile"] |= params.get("business_profile", {})
    configuration["login_page"] |= params.get("login_page", {})
    set_given(configuration, params, "default_return_url metadata name active")
    configuration["updated"] = world.now


@endpoint("GET", "/v1/billing_portal/configurations/{configuration}", spec.ConfigurationRetrieveParams)
def retrieve_configuration(world: World, params: Params, configuration: str) -> Obj:
    return world.store.get("billing_portal.configuration", configuration)


@endpoint(
    "POST", "/v1/billing_portal/configurations/{configuration}", spec.ConfigurationModifyParams, f"{_TAKES} active"
)
def update_configuration(world: World, params: Params, configuration: str) -> Obj:
    found = world.store.get("billing_portal.configuration", configuration)
    with world.change(found, "billing_portal.configuration.updated"):
        _write(world, found, params)
    return found


@endpoint("GET", "/v1/billing_portal/configurations", spec.ConfigurationListParams, "active is_default")
def list_configurations(world: World, params: Params) -> list[Obj]:
    equal = {name: params.get(name) for name in ("active", "is_default")}
    return world.store.all("billing_portal.configuration", **equal)


@endpoint(
    "POST",
    "/v1/billing_portal/sessions",
    spec.SessionCreateParams,
    "configuration customer flow_data.after_completion.redirect.return_url flow_data.after_completion.type "
    "flow_data.subscription_cancel.subscription flow_data.subscription_update.subscription flow_data.type locale "
    "return_url",
)
def create_portal_session(world: World, params: Params) -> Obj:
    if "customer" not in params:
        raise malformed("Missing required param: customer.", code="parameter_missing", param="customer")
    world.store.get("customer", params["customer"], "customer")
    check_url(params.get("return_url"), "return_url")
    configuration = _configuration(world, params)
    session: Obj = {
        "id": new_id("bps"),
        "object": "billing_portal.session",
        "configuration": configuration["id"],
        "created": world.now,
        "customer": params["customer"],
        "customer_account": None,
        "flow": _flow(world, params, configuration),
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": configuration["default_return_url"],
        "url": f"{world.url}/p/session/test_{letters(40)}",
    }
    set_given(session, params, "locale return_url")
    world.tell("billing_portal.session.created", world.store.add(session))
    return session


def _flow(world: World, params: Params, configuration: Obj) -> Obj | None:
    """One thing to do on the page, instead of all that the configuration allows."""
    given = params.get("flow_data")
    if given is None:
        return None
    kind = given["type"]
    if not configuration["features"].get(kind, {}).get("enabled"):
        raise Refusal(f"This {kind} flow is disabled in the portal's configuration.", param="flow_data[type]")
    if kind.startswith("subscription_"):
        sub = world.store.get("subscription", given[kind]["subscription"], f"flow_data[{kind}][subscription]")
        if sub["customer"] != params["customer"]:
            raise missing("subscription", sub["id"], f"flow_data[{kind}][subscription]")
    after = given.get("after_completion", {"type": "portal_homepage"})
    return {
        "after_completion": {"hosted_confirmation": None, "redirect": None, **after},
        "customer_update": None,
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": kind,
        **({kind: {"retention": None, **given[kind]}} if kind == "subscription_cancel" else {}),
        **({kind: given[kind]} if kind == "subscription_update" else {}),
    }


def _configuration(world: World, params: Params) -> Obj:
    if "configuration" in params:
        return world.store.get("billing_portal.configuration", params["configuration"], "configuration")
    found = world.store.all("billing_portal.configuration", is_default=True)
    if not found:
        raise Refusal(
            "No configuration provided and your test mode default configuration has not been created. Provide a "
            "configuration or create your default by saving your customer portal settings in test mode at "
            "https://dashboard.stripe.com/test/settings/billing/portal."
        )
    return found[0]
