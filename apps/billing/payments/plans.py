"""A user's plan: which one runs, Stripe's page for it, and its end."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from apps.accounts.models import User
from apps.billing.models import StripeCustomer, Subscription
from apps.billing.payments.gateway import GoneAtStripe, PaymentsOff, asked
from apps.billing.payments.portal import portal_configuration
from apps.billing.payments.settling import settle
from apps.billing.payments.states import RUNNING
from canvascast.errors import Refused


class NoPlan(Refused):
    """There is nothing that could be looked after or ended."""

    def __init__(self) -> None:
        super().__init__("You have no plan.")


def running_subscription(user: User) -> Subscription | None:
    """Return the plan that the user has now."""
    mine = Subscription.objects.filter(user=user, livemode=settings.STRIPE_LIVE_MODE, status__in=RUNNING)
    return mine.order_by("-started_at").first()


def open_portal(*, user: User) -> str:
    """Return the address of Stripe's page on which the user looks after plan, card and invoices.

    Raises NoPlan for a user who never bought anything, PaymentsOff and PaymentsUnavailable.
    """
    customer_id = _customer_id(user)
    configuration = portal_configuration()
    back = urljoin(settings.SITE_URL, reverse("billing:credits"))
    try:
        session = asked(
            lambda client: client.v1.billing_portal.sessions.create(
                {"customer": customer_id, "return_url": back, "configuration": configuration}
            )
        )
    except GoneAtStripe as error:
        settle(customer_id)
        raise NoPlan from error
    return session.url


def end_plan(*, user: User) -> Subscription:
    """Let the user's plan end with the month that is paid, and return it; one that ends already stays so.

    Raises NoPlan, PaymentsOff and PaymentsUnavailable.
    """
    customer_id = _customer_id(user)
    running = running_subscription(user)
    if running is None:
        raise NoPlan
    if running.ends_at is None:
        _end(running.pk)
        settle(customer_id)
        running.refresh_from_db()
    if running.status not in RUNNING:
        raise NoPlan
    return running


def _end(subscription_id: str) -> None:
    subscription = asked(lambda client: client.v1.subscriptions.retrieve(subscription_id))
    if subscription.status not in RUNNING:
        return
    if (schedule := subscription.schedule) is not None:
        # A cheaper plan was chosen for the next month; Stripe ends no plan that waits for a change.
        schedule_id = schedule if isinstance(schedule, str) else schedule.id
        asked(lambda client: client.v1.subscription_schedules.release(schedule_id))
    asked(lambda client: client.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True}))


def _customer_id(user: User) -> str:
    if not settings.PAYMENTS_ENABLED:
        raise PaymentsOff
    mine = StripeCustomer.objects.filter(user=user, livemode=settings.STRIPE_LIVE_MODE, is_gone=False).first()
    if mine is None:
        raise NoPlan
    return mine.pk
