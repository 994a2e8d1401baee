"""What `/api/webhooks/stripe` believes (M7): only what Stripe signed a moment ago, for this mode, and once."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django_q.models import OrmQ

from apps.billing.models import LedgerEntry, StripeEvent
from tests.payments.signing import KEY, SECRET, body_of, event_of, signature_of

pytestmark = pytest.mark.goal("M7")

ADDRESS = "/api/webhooks/stripe"


@pytest.fixture(autouse=True)
def _payments(settings, db) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    settings.PAYMENTS_ENABLED = True


def send(body: bytes, signature: str | None):
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return Client().post(ADDRESS, body, content_type="application/json", headers=headers)


def test_an_event_is_kept_once_with_one_hint_and_answered_at_once():
    body = body_of(event_of(id="prod_1"))

    first, second = (send(body, signature_of(body)) for _ in range(2))

    assert (first.status_code, first.json()) == (200, {"received": True})
    assert (second.status_code, second.json()) == (200, {"received": True, "duplicate": True})
    assert StripeEvent.objects.count() == 1
    assert OrmQ.objects.filter(key="quick").count() == 1


def _refusals() -> dict[str, tuple[bytes, str | None]]:
    body = body_of(event_of(id="prod_2"))
    now = time.time()
    live = body_of(event_of(id="prod_3", livemode=True))
    no_event = b'{"object": "list"}'
    return {
        "no signature": (body, None),
        "wrong secret": (body, signature_of(body, secret="whsec_another")),  # pragma: allowlist secret
        "another body's": (body, signature_of(body + b" ")),
        "garbage": (body, "t=now,v1=zzz"),
        "older than five minutes": (body, signature_of(body, at=now - 301)),
        "a live event in test mode": (live, signature_of(live)),
        "no JSON": (b"\xff\xfe", signature_of(b"\xff\xfe")),
        "no event": (no_event, signature_of(no_event)),
    }


@pytest.mark.parametrize("name", _refusals())
def test_what_stripe_did_not_sign_is_refused_and_leaves_nothing(name):
    body, signature = _refusals()[name]

    answer = send(body, signature)

    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "code", "details"}
    assert not StripeEvent.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_a_test_event_is_refused_where_money_is_real(settings):
    settings.STRIPE_LIVE_MODE = True
    body = body_of(event_of(id="prod_4"))

    assert send(body, signature_of(body)).status_code == 400
    assert not StripeEvent.objects.exists()


def test_a_megabyte_is_refused_unread():
    body = body_of(event_of(id="prod_5", description="x" * 1_000_000))

    assert send(body, signature_of(body)).status_code == 413
    assert not StripeEvent.objects.exists()


def test_without_payments_there_is_no_such_address(settings):
    settings.PAYMENTS_ENABLED = False
    body = body_of(event_of(id="prod_6"))

    assert send(body, signature_of(body)).status_code == 404


def test_only_post_is_taken():
    assert Client().get(ADDRESS).status_code == 405
