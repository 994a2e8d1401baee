"""dj-stripe's copies come after the credits and can fail without them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from djstripe.models import Charge, Customer, Subscription

from apps.billing.models import StripeEvent
from apps.billing.payments import copies, inbox
from apps.billing.payments.inbox import MOST_COPY_TRIES
from tests.payments.shop import money_of
from tests.stripe_wire.faults import BROKEN


def test_what_was_bought_is_copied_for_staff(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    shop.buy(buyer, "pack_pro")
    shop.hear()

    for event in StripeEvent.objects.order_by("received_at"):
        copies.copy(event.pk)
        copies.copy(event.pk)

    assert Customer.objects.count() == Subscription.objects.count() == 1
    assert Charge.objects.count() == 2
    assert not StripeEvent.objects.filter(copied_at__isnull=True).exists()


def test_a_copy_that_fails_takes_no_credits_with_it_and_is_tried_five_times(shop, buyer):
    shop.buy(buyer, "pack_pro")
    shop.hear()
    event = StripeEvent.objects.get(type="charge.succeeded")

    for _ in range(MOST_COPY_TRIES):
        shop.stripe.fail("/v1/.*", BROKEN)
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever dj-stripe raises
            copies.copy(event.pk)
    copies.copy(event.pk)

    assert money_of(buyer) == (150, 0)
    event.refresh_from_db()
    assert (event.copied_at, event.copy_tries) == (None, MOST_COPY_TRIES)


def test_copies_that_were_lost_are_asked_for_again(shop, buyer):
    shop.buy(buyer, "pack_pro")
    shop.hear()
    OrmQ.objects.all().delete()
    StripeEvent.objects.update(received_at=timezone.now() - timedelta(minutes=10))

    assert inbox.copy_missing() == StripeEvent.objects.count() == OrmQ.objects.count()
