"""The account itself, its events, and where it sends them."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

from stripe import params as spec

from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import not_here
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, letters, list_of, new_id, set_given
from tests.stripe_wire.world import API_VERSION, World

_ENDPOINT = "description enabled_events metadata url"


def new_account(world: World) -> Obj:
    id_ = new_id("acct")
    return world.store.add(
        {
            "id": id_,
            "object": "account",
            "business_profile": _business_profile(),
            "business_type": "company",
            "capabilities": {"card_payments": "active", "transfers": "active"},
            "charges_enabled": True,
            "controller": {"type": "account"},
            "country": "US",
            "created": world.now,
            "default_currency": "usd",
            "details_submitted": True,
            "email": "owner@example.com",
            "external_accounts": list_of([], f"/v1/accounts/{id_}/external_accounts"),
            "future_requirements": _requirements(),
            "metadata": {},
            "payouts_enabled": True,
            "requirements": _requirements(),
            "settings": _settings(),
            "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
            "type": "standard",
        }
    )


def _business_profile() -> Obj:
    empty = (
        "annual_revenue estimated_worker_count mcc minority_owned_business_designation product_description "
        "support_address support_email support_phone support_url url"
    )
    return {**dict.fromkeys(empty.split()), "name": "CanvasCast"}


def _requirements() -> dict[str, Any]:
    lists = ("alternatives", "currently_due", "errors", "eventually_due", "past_due", "pending_verification")
    return {"current_deadline": None, "disabled_reason": None, **{name: [] for name in lists}}


def _settings() -> dict[str, Any]:
    kana = ("statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji")
    payments = ("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji", *kana)
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            **dict.fromkeys(("statement_descriptor_prefix", *kana)),
        },
        "dashboard": {"display_name": "CanvasCast", "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "always"},
        "payments": dict.fromkeys(payments),
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


@endpoint("GET", "/v1/account", spec.AccountRetrieveParams)
def retrieve_own_account(world: World, params: Params) -> Obj:
    return world.store.all("account")[0]


@endpoint("GET", "/v1/accounts/{account}", spec.AccountRetrieveParams)
def retrieve_account(world: World, params: Params, account: str) -> Obj:
    return world.store.get("account", account)


@endpoint("GET", "/v1/events/{event}", spec.EventRetrieveParams)
def retrieve_event(world: World, params: Params, event: str) -> Obj:
    return world.store.get("event", event)


@endpoint("GET", "/v1/events", spec.EventListParams, "type types")
def list_events(world: World, params: Params) -> list[Obj]:
    wanted = params.get("types") or ([params["type"]] if "type" in params else ["*"])
    return world.store.all("event", lambda event: any(fnmatch(event["type"], one) for one in wanted))


@endpoint("POST", "/v1/webhook_endpoints", spec.WebhookEndpointCreateParams, f"{_ENDPOINT} api_version")
def create_webhook_endpoint(world: World, params: Params) -> Obj:
    """The secret is shown in this answer alone."""
    if params.get("api_version", API_VERSION) != API_VERSION:
        raise not_here(f"the API version {params['api_version']}: it speaks {API_VERSION}")
    made = new_webhook_endpoint(world, params["url"], f"whsec_{letters(32)}", params["enabled_events"])
    set_given(made, params, f"{_ENDPOINT} api_version")
    return {**made, "secret": made["_secret"]}


def new_webhook_endpoint(world: World, url: str, secret: str, events: list[str]) -> Obj:
    return world.store.add(
        {
            "id": new_id("we"),
            "object": "webhook_endpoint",
            "api_version": None,
            "application": None,
            "created": world.now,
            "description": None,
            "enabled_events": events,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
            "_secret": secret,
        }
    )


@endpoint("GET", "/v1/webhook_endpoints/{hook}", spec.WebhookEndpointRetrieveParams)
def retrieve_webhook_endpoint(world: World, params: Params, hook: str) -> Obj:
    return world.store.get("webhook_endpoint", hook)


@endpoint("POST", "/v1/webhook_endpoints/{hook}", spec.WebhookEndpointModifyParams, f"{_ENDPOINT} disabled")
def update_webhook_endpoint(world: World, params: Params, hook: str) -> Obj:
    found = world.store.get("webhook_endpoint", hook)
    set_given(found, params, _ENDPOINT)
    if "disabled" in params:
        found["status"] = "disabled" if params["disabled"] else "enabled"
    return found


@endpoint("DELETE", "/v1/webhook_endpoints/{hook}", spec.WebhookEndpointDeleteParams)
def delete_webhook_endpoint(world: World, params: Params, hook: str) -> Obj:
    world.store.get("webhook_endpoint", hook)
    world.store.remove(hook)
    return {"id": hook, "object": "webhook_endpoint", "deleted": True}


@endpoint("GET", "/v1/webhook_endpoints", spec.WebhookEndpointListParams)
def list_webhook_endpoints(world: World, params: Params) -> list[Obj]:
    return world.store.all("webhook_endpoint")
