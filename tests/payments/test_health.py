"""What `manage.py doctor` says of payments."""

from __future__ import annotations

from canvascast.operations.doctor import Finding
from canvascast.operations.doctor.site import payments as _payments
from tests.stripe_wire.faults import Fault


def test_without_a_key_it_says_what_to_set(db):
    assert _payments() == Finding(
        "payments", "not set", "no credits are sold here", "Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET."
    )


def test_without_a_webhook_secret_it_names_the_address(shop, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""

    found = _payments()

    assert (found.state, found.text) == ("trouble", "nothing is sold: what Stripe sends would not be taken")
    assert "/api/webhooks/stripe" in found.fix


def test_a_shop_that_works_says_when_stripe_was_heard(shop, buyer):
    unheard = _payments()
    assert (unheard.state, unheard.text) == ("unchecked", "test money, nothing heard from Stripe yet")
    assert unheard.fix.startswith("Send a test event from Stripe's dashboard to http")

    shop.buy(buyer, "pack_starter")
    shop.hear()

    assert _payments().state == "ok"
    assert _payments().text.startswith("test money, heard from Stripe at ")


def test_a_key_that_is_refused_is_told(shop):
    shop.stripe.fail("/v1/account", *[Fault("answer", 401)] * 3)

    assert _payments().state == "trouble"
