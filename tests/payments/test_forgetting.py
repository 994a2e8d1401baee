"""An erased user's customer is deleted at Stripe, which ends their plan; what counts money stays without their name."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.utils import timezone
from django_q.models import OrmQ
from djstripe.models import Customer, Event

from apps.accounts.models import User
from apps.billing.models import Payment, StripeCustomer, StripeEvent
from apps.billing.payments import copies, erasing, inbox, reconciling
from canvascast.operations.erasure import erase_user
from tests.payments.shop import money_of, unhandled
from tests.stripe_wire.faults import REFUSED


def test_the_customer_goes_and_the_payment_stays(shop, buyer):
    subscription = shop.subscribe(buyer, "plan_creator")
    for event in shop.stripe.events:
        copies.copy(event["id"])
    customer = buyer.stripe_customers.get().pk
    OrmQ.objects.all().delete()

    erase_user(user=buyer, at=timezone.now())
    assert [task.func() for task in OrmQ.objects.all()].count("apps.billing.tasks.delete_customer") == 1
    erasing.delete_customer(customer)
    erasing.delete_customer(customer)

    assert shop.stripe.object(subscription)["status"] == "canceled"
    assert StripeCustomer.objects.get().is_gone
    assert Payment.objects.count() == 1
    kept = StripeEvent.objects.filter(customer_id=customer)
    assert kept.exists()
    assert all(event.payload == {} for event in kept)
    assert not Customer.objects.filter(id=customer).exists()
    assert not Event.objects.filter(data__object__customer=customer).exists()


def test_no_copy_names_the_user_afterwards(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    for event in shop.stripe.events:
        copies.copy(event["id"])
    customer = buyer.stripe_customers.get().pk
    assert tables_that_name("customer@example.com") == ["StripeEvent", "Charge", "Event", "PaymentMethod", "Session"]

    erase_user(user=buyer, at=timezone.now())
    erasing.delete_customer(customer)
    shop.hear()
    for event in shop.stripe.events:
        copies.copy(event["id"])

    assert unhandled() == 0
    assert tables_that_name("customer@example.com") == []
    assert tables_that_name("buyer@example.com") == []


def test_what_refunds_and_disputes_tell_of_the_payer_goes_too(shop, buyer):
    visited = shop.buy(buyer, "pack_starter")
    shop.stripe.refund(visited.session_id, 100)
    name_payer_in_dispute(shop, visited.session_id)
    shop.hear()
    for event in shop.stripe.events:
        copies.copy(event["id"])
    assert tables_that_name("payer@example.com") == ["StripeEvent", "Dispute", "Event"]

    erase_user(user=buyer, at=timezone.now())

    assert tables_that_name("payer@example.com") == []
    assert not StripeEvent.objects.filter(type__startswith="charge.").exclude(payload={}).exists()
    assert not Event.objects.filter(type__startswith="charge.").exists()


def test_a_dispute_that_comes_after_the_erasure_leaves_nothing_of_the_payer(shop, buyer):
    visited = shop.buy(buyer, "pack_starter")
    shop.hear()
    erase_user(user=buyer, at=timezone.now())
    erasing.delete_customer(buyer.stripe_customers.get().pk)

    name_payer_in_dispute(shop, visited.session_id)
    shop.hear()
    for event in shop.stripe.events:
        copies.copy(event["id"])

    assert unhandled() == 0
    assert StripeEvent.objects.filter(type__startswith="charge.dispute").exists()
    assert tables_that_name("payer@example.com") == []


@pytest.mark.slow
def test_what_was_kept_of_the_payer_without_a_customer_goes_too(shop, buyer):
    visited, others = shop.buy(buyer, "pack_starter"), shop.buy(User.objects.create_user("b@example.com"), "pack_pro")
    shop.hear()
    for session_id in (visited.session_id, others.session_id):
        name_payer_in_dispute(shop, session_id)
    shop.hear()
    StripeEvent.objects.filter(type__startswith="charge.dispute").update(customer_id="")

    erase_user(user=buyer, at=timezone.now())

    kept = StripeEvent.objects.filter(type="charge.dispute.created").exclude(payload={})
    intent = Payment.objects.get(checkout=others).payment_intent_id
    assert [event.payload["data"]["object"]["payment_intent"] for event in kept] == [intent]


@pytest.mark.slow
def test_what_could_not_be_handled_after_the_erasure_goes_at_night(shop, buyer):
    visited = shop.buy(buyer, "pack_starter")
    shop.hear()
    erase_user(user=buyer, at=timezone.now())
    name_payer_in_dispute(shop, visited.session_id)
    for event in shop.stripe.events_of("charge.dispute.created", "charge.dispute.closed"):
        inbox.keep(event)
    StripeEvent.objects.filter(type="charge.dispute.created").update(state="GIVEN_UP")

    reconciling.run_nightly()

    waiting = StripeEvent.objects.get(type="charge.dispute.closed")
    assert not StripeEvent.objects.filter(type="charge.dispute.created").exclude(payload={}).exists()
    assert (waiting.state, waiting.payload != {}) == ("NEW", True)
    for event_id in StripeEvent.objects.filter(state="NEW").values_list("pk", flat=True):
        inbox.handle(event_id)
    assert tables_that_name("payer@example.com") == []


@pytest.mark.slow
def test_no_copy_stays_that_was_under_way_when_the_user_was_erased(shop, buyer, monkeypatch):
    shop.subscribe(buyer, "plan_creator")
    make_copies = Event.process

    def erased_meanwhile(payload):
        erase_user(user=buyer, at=timezone.now())
        return make_copies(payload)

    monkeypatch.setattr(Event, "process", erased_meanwhile)
    copies.copy(shop.stripe.events_of("checkout.session.completed")[0]["id"])

    assert not Customer.objects.exists()
    assert tables_that_name("customer@example.com") == []
    assert not StripeEvent.objects.filter(copied_at__isnull=False).exists()


def name_payer_in_dispute(shop, session_id):
    """A dispute whose evidence names the payer, and its end."""
    dispute = shop.stripe.dispute(session_id)
    kept = next(one for one in shop.stripe._world.store if one["id"] == dispute["id"])
    kept["evidence"]["customer_email_address"] = "payer@example.com"
    shop.stripe.close_dispute(dispute["id"], "lost")


def tables_that_name(address):
    models = [StripeEvent, *apps.get_app_config("djstripe").get_models()]
    rows = {model.__name__: repr(list(model.objects.values())) for model in models}
    named = [name for name, text in rows.items() if address in text]
    return named[:1] + sorted(named[1:])


def test_a_customer_whom_stripe_does_not_delete_keeps_nothing_else_from_the_night(shop, buyer, caplog):
    other = User.objects.create_user("other@example.com")
    for user in (buyer, other):
        shop.buy(user, "pack_starter")
        shop.hear()
        erase_user(user=user, at=timezone.now())
    third = User.objects.create_user("third@example.com")
    shop.buy(third, "pack_starter")
    stuck = buyer.stripe_customers.get().pk
    shop.stripe.fail(f"/v1/customers/{stuck}", REFUSED, method="DELETE")

    reconciling.run_nightly()

    assert list(StripeCustomer.objects.filter(is_gone=True).values_list("user", flat=True)) == [other.pk]
    assert money_of(third) == (10, 0)
    assert [line for line in caplog.text.splitlines() if "stripe_drift" in line and stuck in line]
    reconciling.run_nightly()
    assert StripeCustomer.objects.get(pk=stuck).is_gone


def test_a_deletion_that_was_lost_is_made_up_for_at_night(shop, buyer):
    shop.buy(buyer, "pack_starter")
    shop.hear()
    erase_user(user=buyer, at=timezone.now())
    OrmQ.objects.all().delete()

    reconciling.run_nightly()

    assert StripeCustomer.objects.get().is_gone
