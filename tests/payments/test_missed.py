"""M8: what Stripe sent while nobody listened is restored from its lists, exactly; and what cannot be is told."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.models import LedgerEntry, Payment, Source, StripeCustomer, StripeEvent, Subscription
from apps.billing.payments import inbox, settling
from apps.billing.payments.gateway import PaymentsUnavailable
from apps.billing.payments.reconciling import Drift, reconcile_with_stripe
from canvascast.funnel.models import Fact, FactKind
from canvascast.operations import periodic
from canvascast.operations.models import NightsWork, Work
from tests.billing.moves import hold
from tests.payments.shop import ledger_of, money_of
from tests.stripe_wire.faults import BROKEN, FORBIDDEN, REFUSED, RESET, UNAVAILABLE

pytestmark = pytest.mark.goal("M8")


def four_days(shop, buyer):
    """A plan from before; then four days in which a pack, a renewal, a refund and a dispute are not heard of."""
    shop.stripe.advance(days=-0)
    shop.subscribe(buyer, "plan_creator")
    hold(buyer, 80, at=shop.stripe.now)
    shop.stripe.advance(days=29)
    first = shop.buy(buyer, "pack_pro")
    shop.stripe.advance(days=2)
    shop.stripe.refund(first.session_id, 3_300)
    second = shop.buy(buyer, "pack_starter")
    shop.stripe.dispute(second.session_id)
    shop.stripe.advance(days=1)


@pytest.fixture
def in_the_past(stripe_server):
    """Stripe's clock is moved by the tests, so what they do there is made to happen before now."""
    stripe_server._world.clock.now = int((timezone.now() - timedelta(days=33)).timestamp())
    return stripe_server


def test_four_days_of_silence_are_made_up_for_exactly(in_the_past, shop, buyer):
    four_days(shop, buyer)

    report = reconcile_with_stripe()
    restored = ledger_of(buyer)

    assert report.drift == ()
    # Two payments, two events each of the renewal and the dispute, one of the refund.
    assert report.missed_events == 7
    # 20 of the plan carried over and 100 new; Pro less a third; Starter taken back by the bank.
    assert money_of(buyer) == (20 + 100 + 100, 0)
    shop.deliver(shop.stripe.events)
    assert ledger_of(buyer) == restored
    again = reconcile_with_stripe()
    assert (again.missed_events, again.restored, again.drift) == (0, 0, ())


def test_the_command_restores_and_says_what_it_did(in_the_past, shop, buyer, monkeypatch):
    # Other tests' files and jobs are not this one's matter.
    monkeypatch.setattr("canvascast.operations.management.commands.reconcile.reconcile", lambda **look: [])
    four_days(shop, buyer)
    NightsWork.objects.filter(pk=Work.RECONCILE_PAYMENTS).delete()

    said = io.StringIO()
    call_command("reconcile", "--stripe", "--json", stdout=said)

    # The rule about the night's comparison names this as what helps at once.
    noted = NightsWork.objects.get(pk=Work.RECONCILE_PAYMENTS)
    assert (noted.done_at is not None, noted.failed_at) == (True, None)

    told = json.loads(said.getvalue())
    assert told["findings"] == []
    assert (told["stripe"]["customers"], told["stripe"]["restored"], told["stripe"]["drift"]) == (1, 5, [])


def test_a_row_that_no_payment_stands_behind_is_told(shop, buyer):
    shop.buy(buyer, "pack_starter")
    shop.hear()
    ledger.purchase(
        user_id=buyer.pk,
        credits=5,
        source=Source.PACK,
        reason="",
        key="stripe:pi_invented",
        expires_at=None,
        at=timezone.now(),
    )

    drift = reconcile_with_stripe().drift

    assert [found.kind for found in drift] == ["no payment"]
    with pytest.raises(CommandError):
        call_command("reconcile", "--stripe", stdout=io.StringIO())


def test_a_payment_that_stripe_does_not_know_is_told(shop, buyer):
    shop.buy(buyer, "pack_starter")
    shop.hear()
    other = shop.buy(buyer, "pack_pro")
    shop.hear()
    payment = Payment.objects.get(checkout=other)
    shop.stripe._world.store.remove(payment.pk)

    assert [(found.kind, found.id) for found in reconcile_with_stripe().drift] == [("not at Stripe", payment.pk)]


def test_plan_of_a_customer_whom_stripe_does_not_know_ends_and_another_can_be_taken(shop, buyer):
    subscription = shop.subscribe(buyer, "plan_creator")
    customer = buyer.stripe_customers.get().pk
    shop.stripe.forget(customer)

    reconcile_with_stripe()

    assert Subscription.objects.get(pk=subscription).status == "canceled"
    assert Fact.objects.filter(kind=FactKind.PLAN_ENDED).count() == 1
    assert money_of(buyer) == (100, 0)
    shop.stripe.advance(days=1)
    again = shop.subscribe(buyer, "plan_creator")
    assert again != subscription
    assert buyer.stripe_customers.get(is_gone=False).pk != customer


def test_a_customer_who_cannot_be_settled_keeps_nobody_else_waiting(shop, buyer, monkeypatch):
    other = User.objects.create_user("other@example.com")
    for user in (buyer, other):
        shop.buy(user, "pack_starter")
    monkeypatch.setattr(settling, "_grant_pack", _except_for(buyer, settling._grant_pack))

    drift = reconcile_with_stripe().drift

    assert money_of(other) == (10, 0)
    assert drift[0] == Drift("cannot be settled", buyer.stripe_customers.get().pk, "KeyError")


def two_unsettled(shop, buyer) -> tuple[str, str]:
    """Two customers who paid, and the events of neither were heard of; in the order in which they are looked at."""
    for user in (buyer, User.objects.create_user("other@example.com")):
        shop.buy(user, "pack_starter")
    first, second = StripeCustomer.objects.order_by("pk").values_list("pk", flat=True)
    return first, second


@pytest.fixture
def one_try(monkeypatch):
    """What Stripe does not answer is not asked again, so that no test waits for it."""
    monkeypatch.setattr("apps.billing.payments.gateway._TRIES", 1)


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (REFUSED, "refused by Stripe", "parameter_invalid_empty"),
        (FORBIDDEN, "refused by Stripe", "PermissionError"),
        (BROKEN, "not answered by Stripe", "APIError"),
    ],
)
def test_a_customer_whom_stripe_refuses_keeps_nobody_else_waiting(shop, buyer, one_try, fault, kind, reason):
    first, second = two_unsettled(shop, buyer)
    shop.stripe.fail("/v1/subscriptions", fault, method="GET")

    report = reconcile_with_stripe()

    assert report.drift == (Drift(kind, first, reason),)
    assert money_of(StripeCustomer.objects.get(pk=second).user) == (10, 0)
    assert reconcile_with_stripe().drift == ()
    assert money_of(StripeCustomer.objects.get(pk=first).user) == (10, 0)


def test_a_payment_that_stripe_refuses_to_tell_of_keeps_no_other_from_being_compared(shop, buyer):
    for _ in range(2):
        shop.buy(buyer, "pack_starter")
        shop.hear()
    newest, oldest = Payment.objects.all()
    shop.stripe._world.store.remove(oldest.pk)
    shop.stripe.fail(f"/v1/payment_intents/{newest.pk}", REFUSED, method="GET")

    drift = reconcile_with_stripe().drift

    assert {(found.kind, found.id) for found in drift} == {
        ("refused by Stripe", newest.pk),
        ("not at Stripe", oldest.pk),
    }


def test_events_of_a_customer_whom_stripe_refuses_stay_given_up(shop, buyer):
    first, _ = two_unsettled(shop, buyer)
    reconcile_with_stripe()
    StripeEvent.objects.update(state="GIVEN_UP")
    shop.stripe.fail("/v1/subscriptions", REFUSED, method="GET")

    reconcile_with_stripe()

    assert set(StripeEvent.objects.filter(state="GIVEN_UP").values_list("customer_id", flat=True)) == {first}


def test_a_stripe_that_answers_three_customers_in_a_row_nothing_is_away(shop, one_try):
    for number in range(4):
        shop.buy(User.objects.create_user(f"user{number}@example.com"), "pack_starter")
    shop.stripe.fail("/v1/subscriptions", *[BROKEN] * 3, method="GET")
    asked = len(shop.stripe.requests)

    with pytest.raises(PaymentsUnavailable):
        reconcile_with_stripe()

    looked_at = {one.params["customer"] for one in shop.stripe.requests[asked:] if one.path == "/v1/subscriptions"}
    assert len(looked_at) == 3


def night() -> None:
    """The clock asks for the night's comparison, as it does every half hour."""
    with suppress(PaymentsUnavailable):
        periodic.reconcile_payments()


def test_a_night_in_which_stripe_does_not_answer_is_not_done(shop, buyer, one_try, caplog):
    shop.buy(buyer, "pack_starter")
    shop.stripe.fail("/v1/events", UNAVAILABLE)

    night()
    assert money_of(buyer) == (0, 0)
    assert caplog.text.count("stripe_not_reconciled") == 1
    night()

    assert money_of(buyer) == (10, 0)
    asked = len(shop.stripe.requests)
    night()
    assert len(shop.stripe.requests) == asked


def test_a_night_in_which_stripe_refuses_one_customer_is_done_and_tells_of_them(shop, buyer, caplog):
    _, second = two_unsettled(shop, buyer)
    shop.stripe.fail("/v1/subscriptions", REFUSED, method="GET")

    night()

    assert money_of(StripeCustomer.objects.get(pk=second).user) == (10, 0)
    assert caplog.text.count("stripe_drift") == 1
    asked = len(shop.stripe.requests)
    night()
    assert len(shop.stripe.requests) == asked


def _except_for(user, grant):
    def granting(paid, user_id):
        if user_id == user.pk:
            raise KeyError("pack_forgotten")
        return grant(paid, user_id)

    return granting


def test_a_lost_row_of_whose_a_customer_is_comes_back_from_stripe(shop, buyer):
    shop.buy(buyer, "pack_starter")
    StripeCustomer.objects.all().delete()

    reconcile_with_stripe()

    assert money_of(buyer) == (10, 0)


def test_another_sites_customers_are_left_alone(shop, buyer):
    client = shop.stripe.client()
    stranger = client.v1.customers.create({"email": "stranger@example.com"})
    price = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 500, "product_data": {"name": "A mug"}, "metadata": {}}
    )
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "customer": stranger.id,
            "line_items": [{"price": price.id, "quantity": 1}],
            "success_url": "https://example.com/",
        }
    )
    shop.stripe.pay(session.id)

    report = reconcile_with_stripe()

    assert (report.restored, report.drift) == (0, ())
    assert not LedgerEntry.objects.exists()


def test_a_stripe_that_cannot_be_reached_is_asked_by_one_event_at_a_time(shop, buyer):
    shop.subscribe(buyer, "plan_creator")
    events = shop.stripe.events_of("checkout.session.completed", "invoice.paid")
    StripeEvent.objects.all().update(state="NEW", tries=0, due_at=timezone.now())
    shop.stripe.fail("/v1/.*", *[RESET] * 3)
    inbox.handle(events[0]["id"])
    asked = len(shop.stripe.requests)

    inbox.handle(events[1]["id"])
    waiting = StripeEvent.objects.get(pk=events[1]["id"])
    assert (len(shop.stripe.requests), waiting.state, waiting.tries) == (asked, "NEW", 0)

    cache.clear()
    inbox.handle(events[1]["id"])
    assert StripeEvent.objects.get(pk=events[1]["id"]).state == "DONE"


def test_while_stripe_does_not_answer_events_wait_and_nothing_is_lost(shop, buyer):
    shop.buy(buyer, "pack_starter")
    events = shop.stripe.events_of("checkout.session.completed")
    shop.stripe.fail("/v1/.*", *[UNAVAILABLE] * 3)
    shop.deliver(events)
    waiting = StripeEvent.objects.get(type="checkout.session.completed")
    assert (waiting.state, money_of(buyer)) == ("NEW", (0, 0))
    assert waiting.due_at > timezone.now()

    StripeEvent.objects.update(due_at=timezone.now())
    inbox.handle(waiting.pk)

    assert money_of(buyer) == (10, 0)
