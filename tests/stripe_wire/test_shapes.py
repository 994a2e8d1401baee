"""Every object that the server answers has the shape that Stripe's has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stripe_wire.server import StripeServer, serving_stripe
from tests.stripe_wire.shapes import against_sample, against_sdk
from tests.stripe_wire.store import Obj
from tests.stripe_wire.story import live_a_year

KINDS = {
    "item",
    "line_item",
    "plan",
    "account",
    "balance_transaction",
    "billing_portal.configuration",
    "billing_portal.session",
    "charge",
    "checkout.session",
    "customer",
    "dispute",
    "event",
    "invoice",
    "invoice_payment",
    "invoiceitem",
    "payment_intent",
    "payment_method",
    "price",
    "product",
    "refund",
    "subscription",
    "subscription_item",
    "webhook_endpoint",
}


@pytest.fixture(scope="module")
def year() -> Iterator[StripeServer]:
    with serving_stripe(has_default_portal=True) as server:
        yield live_a_year(server)


def objects(server: StripeServer) -> list[Obj]:
    """Every object as it is answered, with those inside others, and those inside events."""
    sessions = [one["id"] for one in server.objects() if one["object"] == "checkout.session"]
    items = [item for session in sessions for item in _line_items(server, session)]
    return [one for answer in [*server.objects(), *items] for one in _objects_in(answer) if not one.get("deleted")]


def _line_items(server: StripeServer, session: str) -> list[Obj]:
    return [json.loads(str(one)) for one in server.client().v1.checkout.sessions.line_items.list(session)]


def _objects_in(value: Any) -> Iterator[Obj]:
    if isinstance(value, list):
        for one in value:
            yield from _objects_in(one)
    elif isinstance(value, dict):
        if isinstance(value.get("object"), str) and value["object"] != "list":
            yield value
        for one in value.values():
            yield from _objects_in(one)


def test_every_kind_of_object_is_there(year: StripeServer):
    assert {one["object"] for one in objects(year)} == KINDS


def test_every_object_fits_the_sdk(year: StripeServer):
    assert sorted({fault for one in objects(year) for fault in against_sdk(one)}) == []


def test_every_object_has_the_fields_of_stripes_sample(year: StripeServer):
    assert sorted({fault for one in objects(year) for fault in against_sample(one)}) == []


def test_what_does_not_fit_is_found(year: StripeServer):
    charge = next(one for one in objects(year) if one["object"] == "charge")
    card = {**charge["payment_method_details"]["card"], "exp_year": "2034"}
    details = {**charge["payment_method_details"], "card": card}
    broken = {**charge, "amount": None, "status": "done", "made_up": 1, "payment_method_details": details}
    del broken["captured"]

    assert sorted(against_sdk(broken)) == [
        "charge.amount is null",
        "charge.captured is missing",
        "charge.made_up is unknown to the SDK",
        "charge.payment_method_details.card.exp_year is '2034'",
        "charge.status is 'done'",
    ]
