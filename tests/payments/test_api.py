"""Buying by API: an address to pay at, the plan, its end, and refusals in the one shape."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from apps.billing.models import Checkout


@pytest.fixture
def client(buyer) -> Client:
    client = Client()
    client.force_login(buyer)
    return client


def post(client: Client, path: str, **body: object):
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def test_a_pack_and_a_plan_lead_to_stripes_page(shop, client):
    pack = post(client, "credits/purchase", item="pack_pro")
    plan = post(client, "subscriptions", plan="plan_creator")

    assert (pack.status_code, plan.status_code) == (200, 200)
    assert {pack.json()["checkout_url"], plan.json()["checkout_url"]} == set(
        Checkout.objects.values_list("url", flat=True)
    )


def test_the_plan_is_told_and_can_be_ended_twice(shop, buyer, client):
    assert client.get("/api/v1/subscriptions").json() == {"plan": None}
    shop.subscribe(buyer, "plan_creator")
    told = client.get("/api/v1/subscriptions").json()["plan"]
    assert (told["key"], told["credits"], told["endsAt"]) == ("plan_creator", 100, None)

    ended = [post(client, "subscriptions/cancel").json()["plan"]["endsAt"] for _ in range(2)]

    assert ended == [told["renewsAt"]] * 2


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("credits/purchase", {"item": "pack_million"}, 400, "VALIDATION_ERROR"),
        ("credits/purchase", {"item": "plan_creator"}, 400, "VALIDATION_ERROR"),
        ("subscriptions", {"plan": "pack_pro"}, 400, "VALIDATION_ERROR"),
        ("subscriptions/cancel", {}, 409, "CONFLICT"),
    ],
)
def test_refusals(shop, client, path, body, status, code):
    answer = post(client, path, **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("back", ["/app/new?\x00", "/app/new?\x7f", "/app/new?\u2028"])
def test_way_back_that_cannot_be_printed_is_left_out(shop, client, back):
    answer = post(client, "credits/purchase", item="pack_pro", back=back)

    assert (answer.status_code, Checkout.objects.get().back) == (200, "")


def test_amounts_in_a_request_change_nothing(shop, client):
    answer = post(client, "credits/purchase", item="pack_pro", credits=10_000, cents=1)

    if answer.status_code == 200:
        visited = Checkout.objects.get()
        assert (visited.credits, visited.cents) == (150, 9_900)
    else:
        assert answer.status_code == 400


def test_without_payments_it_says_so(client):
    answer = post(client, "credits/purchase", item="pack_pro")

    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
