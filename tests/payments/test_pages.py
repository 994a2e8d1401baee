"""The pages around a payment: what is sold, the way to Stripe, the way back, and what is said meanwhile."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.models import User
from apps.billing.catalogue import item_named
from apps.billing.models import Checkout, CreditLot
from apps.billing.payments.plans import end_plan
from apps.billing.payments.queries import receipts
from apps.billing.words import last_day
from apps.notifications.letters import compose
from apps.notifications.models import Event, Notification
from tests.billing.moves import hold
from tests.payments.shop import money_of


@pytest.fixture
def client(buyer) -> Client:
    client = Client()
    client.force_login(buyer)
    return client


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_without_a_key_the_page_explains_and_sells_nothing(buyer, client):
    answer = client.get("/app/credits")

    assert "This installation sells no credits." in text_of(answer)
    assert "/app/credits/buy" not in text_of(answer)
    refused = client.post("/app/credits/buy", {"item": "pack_pro"})
    assert refused.status_code == 409
    assert "sells no credits" in text_of(refused)


@pytest.mark.parametrize("path", ["/app/credits/buy", "/app/credits/plan"])
def test_refusals_address_without_its_form_leads_to_the_credits_page(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer["Location"]) == (302, "/app/credits")


def test_strangers_see_prices_and_no_buttons(shop):
    page = text_of(Client().get("/pricing"))

    for price in ("$9", "$39", "$99", "$19 a month", "$49 a month", "$129 a month"):
        assert price in page
    assert "/app/credits/buy" not in page


def test_buying_leads_to_stripe_and_back_with_the_video_that_waits(shop, buyer, client):
    page = text_of(client.get("/app/credits?back=/app/new%3Fdraft=7"))
    assert 'name="back" value="/app/new?draft=7"' in page

    answer = client.post("/app/credits/buy", {"item": "pack_creator", "back": "/app/new?draft=7"})

    visited = Checkout.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, visited.url)
    session = shop.stripe.object(visited.session_id)
    assert f"success=true&checkout={visited.pk}" in session["success_url"]
    assert "canceled=true" in session["cancel_url"]


@pytest.mark.parametrize(
    "back", ["https://evil.example/app", "javascript:alert(1)", "//evil.example", "/accounts/logout/"]
)
def test_a_link_of_somebody_else_leads_nowhere(shop, client, back):
    for answer in (
        client.get("/app/credits", {"back": back}),
        client.post("/app/credits/buy", {"item": "", "back": back}),
    ):
        assert "Back to it" not in text_of(answer)
        assert back not in text_of(answer)


def test_coming_back_unpaid_says_that_nothing_was_charged(shop, client):
    assert "Nothing was charged." in text_of(client.get("/app/credits?canceled=true"))


def test_coming_back_paid_waits_for_the_credits_and_then_shows_them(shop, buyer, client):
    visited = shop.visit(buyer, "pack_creator", back="/app/new?draft=7")
    shop.stripe.pay(visited.session_id)
    address = f"/app/credits?success=true&checkout={visited.pk}"
    waiting = text_of(client.get(address))
    assert "Payment received, adding credits…" in waiting
    assert f"/app/credits/arrived/{visited.pk}?asked=1" in waiting
    assert money_of(buyer) == (0, 0)

    shop.hear()

    there = text_of(client.get(f"/app/credits/arrived/{visited.pk}?asked=3"))
    assert "+50 credits" in there
    assert 'href="/app/new?draft=7"' in there
    assert "hx-get" not in there


def test_when_the_credits_come_balance_plan_and_history_on_the_page_change_with_them(shop, buyer, client):
    visited = shop.buy(buyer, "plan_creator")
    waiting = text_of(client.get(f"/app/credits/arrived/{visited.pk}?asked=1"))
    assert "#statement" not in waiting

    shop.hear()

    there = text_of(client.get(f"/app/credits/arrived/{visited.pk}?asked=3"))
    assert there.count("100 credits</p>") == 2
    assert 'hx-swap-oob="innerHTML:#statement"' in there
    assert "Manage your plan" in there
    assert "Subscribe ·" not in there
    assert "Your plan: 100 credits" in there


def test_after_half_a_minute_the_page_stops_asking_and_promises_a_mail(shop, buyer, client):
    visited = shop.visit(buyer, "pack_creator")

    late = text_of(client.get(f"/app/credits/arrived/{visited.pk}?asked=15"))

    assert "we'll e-mail you" in late
    assert "hx-get" not in late


def test_somebody_elses_payment_is_not_shown(shop, client):
    stranger = User.objects.create_user("stranger@example.com")
    visited = shop.visit(stranger, "pack_creator")

    for checkout_id in (visited.pk, uuid.uuid4()):
        assert client.get(f"/app/credits/arrived/{checkout_id}").status_code == 404
        page = text_of(client.get(f"/app/credits?success=true&checkout={checkout_id}"))
        assert "adding credits" not in page


def test_the_plan_its_end_and_the_receipts_are_shown(shop, buyer, client):
    shop.subscribe(buyer, "plan_creator")
    page = text_of(client.get("/app/credits"))
    assert "Renews on" in page
    assert "Creator plan · 100 credits" in page
    assert 'Receipt<span class="visually-hidden"> of ' in page
    assert "Or every month" not in page

    end_plan(user=buyer)

    assert "Nothing will be charged after that." in text_of(client.get("/app/credits"))
    assert client.post("/app/credits/plan")["Location"].startswith(shop.stripe.url)


def test_page_and_mail_name_the_same_amount(shop, buyer, client):
    shop.buy(buyer, "pack_creator")
    shop.hear()
    told = Notification.objects.get(user=buyer, event=Event.PURCHASE_RECEIPT)

    mail = compose(told, buyer.email, is_repeat=False)

    (receipt,) = receipts(buyer)
    assert receipt.amount == item_named("pack_creator").dollars == "$39"
    assert f"Paid     {receipt.amount}\n" in mail.body
    assert '<span class="number">$39</span>' in client.get("/app/credits").content.decode()


def test_a_month_that_could_not_be_charged_says_what_to_do(shop, buyer, client):
    shop.subscribe(buyer, "plan_creator")
    shop.stripe.card_fails(buyer.stripe_customers.get().pk)
    shop.stripe.advance(days=32)
    shop.hear()

    until = date_format(last_day(CreditLot.objects.get().expires_at), "j F Y")
    assert (
        f"The last month could not be charged. Credits of your plan last until {until}. "
        "New credits come once it is paid. Please look at your card."
    ) in text_of(client.get("/app/credits"))

    hold(buyer, 100, at=timezone.now())

    assert (
        "The last month could not be charged. New credits come once it is paid. Please look at your card."
    ) in text_of(client.get("/app/credits"))


def test_a_form_of_another_site_buys_nothing(shop, buyer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(buyer)

    assert client.post("/app/credits/buy", {"item": "pack_pro"}).status_code == 403
    assert not Checkout.objects.exists()
