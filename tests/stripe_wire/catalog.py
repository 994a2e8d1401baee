"""Products and prices. What a price costs never changes."""

from __future__ import annotations

from typing import Any

from stripe import params as spec

from tests.stripe_wire.expansion import includable
from tests.stripe_wire.parameters import Params
from tests.stripe_wire.refusals import Refusal, malformed
from tests.stripe_wire.routes import endpoint
from tests.stripe_wire.store import Obj, merged, new_id, set_given
from tests.stripe_wire.world import World

_PRODUCT = (
    "active description images marketing_features metadata name package_dimensions shippable statement_descriptor "
    "tax_code unit_label url"
)
_PRICE = "active lookup_key metadata nickname tax_behavior"
_NEW_PRICE = (
    f"{_PRICE} currency product product_data.name product_data.metadata recurring.interval recurring.interval_count "
    "transfer_lookup_key unit_amount"
)


@endpoint("POST", "/v1/products", spec.ProductCreateParams, f"{_PRODUCT} id")
def create_product(world: World, params: Params) -> Obj:
    id_ = params.get("id") or new_id("prod")
    if world.store.find(id_):
        raise Refusal("Product already exists.", code="resource_already_exists", param="id")
    product: Obj = {
        "id": id_,
        "object": "product",
        "active": True,
        "created": world.now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": params["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": world.now,
        "url": None,
    }
    set_given(product, params, _PRODUCT)
    world.tell("product.created", world.store.add(product))
    return product


@endpoint("GET", "/v1/products/{product}", spec.ProductRetrieveParams)
def retrieve_product(world: World, params: Params, product: str) -> Obj:
    return world.store.get("product", product)


@endpoint("POST", "/v1/products/{product}", spec.ProductModifyParams, f"{_PRODUCT} default_price")
def update_product(world: World, params: Params, product: str) -> Obj:
    found = world.store.get("product", product)
    if "default_price" in params:
        world.store.get("price", params["default_price"], "default_price")
    with world.change(found, "product.updated"):
        set_given(found, params, f"{_PRODUCT} default_price")
        found["updated"] = world.now
    return found


@endpoint("DELETE", "/v1/products/{product}", spec.ProductDeleteParams)
def delete_product(world: World, params: Params, product: str) -> Obj:
    found = world.store.get("product", product)
    if world.store.all("price", product=product):
        raise Refusal("This product cannot be deleted because it has one or more user-created prices.")
    world.tell("product.deleted", found)
    world.store.remove(product)
    return {"id": product, "object": "product", "deleted": True}


@endpoint("GET", "/v1/products", spec.ProductListParams, "active ids shippable url")
def list_products(world: World, params: Params) -> list[Obj]:
    ids = params.get("ids")
    equal = {name: params.get(name) for name in ("active", "shippable", "url")}
    return world.store.all("product", lambda product: ids is None or product["id"] in ids, **equal)


@endpoint("GET", "/v1/products/{product}/features", spec.ProductListFeaturesParams)
def list_features(world: World, params: Params, product: str) -> list[Obj]:
    world.store.get("product", product)
    return []


@endpoint("POST", "/v1/prices", spec.PriceCreateParams, _NEW_PRICE)
def create_price(world: World, params: Params) -> Obj:
    if "unit_amount" not in params:
        raise malformed("You must specify one of `unit_amount`, `unit_amount_decimal`, or `custom_unit_amount`.")
    if ("product" in params) == ("product_data" in params):
        raise malformed("You must specify one of `product` or `product_data`.")
    if "product_data" in params:
        product = create_product(world, params["product_data"])
    else:
        product = world.store.get("product", params["product"], "product")
    price: Obj = {
        "id": new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": world.now,
        "currency": params["currency"].lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product["id"],
        "recurring": _recurring(params["recurring"]) if "recurring" in params else None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if "recurring" in params else "one_time",
        "unit_amount": params["unit_amount"],
        "unit_amount_decimal": str(params["unit_amount"]),
    }
    _free_lookup_key(world, params, price["id"])
    set_given(price, params, _PRICE)
    world.tell("price.created", world.store.add(price))
    return price


def _recurring(given: Params) -> Obj:
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def _free_lookup_key(world: World, params: Params, new_owner: str) -> None:
    key = params.get("lookup_key")
    for owner in world.store.all("price", lookup_key=key) if key else ():
        if owner["id"] == new_owner:
            continue
        if not params.get("transfer_lookup_key"):
            raise Refusal(f"A price (`{owner['id']}`) already uses that lookup key.", param="lookup_key")
        with world.change(owner, "price.updated"):
            owner["lookup_key"] = None


@endpoint("GET", "/v1/prices/{price}", spec.PriceRetrieveParams)
def retrieve_price(world: World, params: Params, price: str) -> Obj:
    return world.store.get("price", price)


@endpoint("POST", "/v1/prices/{price}", spec.PriceModifyParams, f"{_PRICE} transfer_lookup_key")
def update_price(world: World, params: Params, price: str) -> Obj:
    found = world.store.get("price", price)
    _free_lookup_key(world, params, price)
    with world.change(found, "price.updated"):
        set_given(found, params, _PRICE)
    return found


@endpoint("GET", "/v1/prices", spec.PriceListParams, "active currency lookup_keys product recurring.interval type")
def list_prices(world: World, params: Params) -> list[Obj]:
    keys = params.get("lookup_keys")
    interval = params.get("recurring", {}).get("interval")

    def is_wanted(price: Obj) -> bool:
        is_key = keys is None or price["lookup_key"] in keys
        return is_key and (interval is None or (price["recurring"] or {}).get("interval") == interval)

    equal = {name: params.get(name) for name in ("active", "currency", "product", "type")}
    return world.store.all("price", is_wanted, **equal)


@includable("price", "currency_options")
def currency_options(world: World, price: Obj) -> Obj:
    option = {
        name: price[name] for name in ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    }
    return {price["currency"]: option}


@includable("price", "tiers")
def tiers(world: World, price: Obj) -> None:
    """Prices per unit have none."""


def plan_of(price: Obj) -> Obj:
    """The older face of a recurring price, which subscription items still show."""
    recurring: dict[str, Any] = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": merged(price["metadata"], None),
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
