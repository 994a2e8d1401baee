"""Staff look at payments and pay back; nothing else of it can be done by hand."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote

from apps.billing.models import Checkout, Payment, Reversal, StripeEvent, Subscription
from tests.admin.conftest import staff, staff_client
from tests.payments.shop import money_of

__all__ = ["staff", "staff_client"]


@pytest.fixture
def payment(shop, buyer) -> Payment:
    shop.subscribe(buyer, "plan_creator")
    shop.buy(buyer, "pack_creator")
    shop.hear()
    return Payment.objects.get(item="pack_creator")


def test_payments_plans_visits_and_events_can_be_looked_at_alone(payment, staff_client):
    for model in (Payment, Subscription, Checkout, StripeEvent):
        address = f"/admin/billing/{model._meta.model_name}/"
        row = model.objects.first()
        assert staff_client.get(address).status_code == 200
        assert staff_client.get(f"{address}{quote(row.pk)}/change/").status_code == 200
        assert staff_client.post(f"{address}{quote(row.pk)}/change/", {"id": "x"}).status_code == 403
        assert staff_client.get(f"{address}add/").status_code == 403


def test_a_payment_is_paid_back_once_with_its_reason(payment, staff_client, buyer):
    address = f"/admin/billing/payment/{quote(payment.pk)}/refund/"
    asked = staff_client.get(address).content.decode()
    token = re.search(r'name="token" value="([0-9a-f-]{36})"', asked)[1]
    assert "at most 3900 cents" in asked

    for _ in range(2):
        answer = staff_client.post(address, {"token": token, "cents": 3_900, "reason": "Bought twice"}, follow=True)

    assert money_of(buyer) == (100, 0)
    assert Reversal.objects.get().reason == "Bought twice"
    assert LogEntry.objects.filter(change_message__contains="Bought twice").exists()
    assert "3900 cents paid back, 50 credits taken back." in answer.content.decode()


def test_more_than_was_paid_is_refused_on_the_form(payment, staff_client, buyer):
    address = f"/admin/billing/payment/{quote(payment.pk)}/refund/"

    answer = staff_client.post(address, {"token": str(uuid4()), "cents": 3_901, "reason": "Too kind"})

    assert "At most $39 can be paid back." in answer.content.decode()
    assert money_of(buyer) == (150, 0)
