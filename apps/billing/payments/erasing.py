"""What an erased user leaves at Stripe and in the copies: their customer is deleted, which ends a plan at once.

Payments stay, as every book-keeping must keep them; at Stripe too, without the customer's address.
"""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KT

from apps.accounts.models import User
from apps.billing.models import Checkout, Payment, StripeCustomer, StripeEvent
from apps.billing.models.payments import EventState
from apps.billing.payments import customers
from apps.billing.payments.gateway import GoneAtStripe, asked
from canvascast import hints

_DELETE = "apps.billing.tasks.delete_customer"


@transaction.atomic
def forget_payments(*, user: User) -> None:
    """Blank what rows here tell of a person, and queue the deletion at Stripe."""
    _blank_unnamed(Payment.objects.filter(user=user))
    for customer in StripeCustomer.objects.filter(user=user):
        StripeEvent.objects.filter(customer_id=customer.pk).update(payload={})
        delete_copies(customer.pk)
        if not customer.is_gone and settings.PAYMENTS_ENABLED:
            hints.send(_DELETE, customer.pk, queue=hints.QUICK)
    Checkout.objects.filter(user=user).update(url="", back="")


def forget_late() -> None:
    """Blank what was noted of users after they were erased: events that could not be handled, so that nobody named."""
    _blank_unnamed(Payment.objects.filter(user__profile__erased_at__isnull=False))


def delete_customer(customer_id: str) -> None:
    """Delete a customer at Stripe; one that is gone already is no error. Raises PaymentsUnavailable."""
    with suppress(GoneAtStripe):
        asked(lambda client: client.v1.customers.delete(customer_id))
    customers.forget(customer_id)


def customers_of_erased() -> list[str]:
    """Return customers whose user was erased and who are still at Stripe: their deletion was lost or failed."""
    erased = StripeCustomer.objects.filter(is_gone=False, user__profile__erased_at__isnull=False)
    here = erased.filter(livemode=settings.STRIPE_LIVE_MODE)
    # In another order each time: those whom Stripe refuses to delete must not stand before the same others.
    return list(here.order_by("?").values_list("pk", flat=True)[:100])


def delete_copies(customer_id: str) -> None:
    """Delete what dj-stripe copied of a customer, and its events of them."""
    from djstripe.models import Charge, Customer, Event

    Event.objects.filter(data__object__customer=customer_id).delete()
    # Refunds and disputes name the charge only.
    charges = list(Charge.objects.filter(customer__id=customer_id).values_list("id", flat=True))
    Event.objects.filter(data__object__charge__in=charges).delete()
    Event.objects.filter(data__object__id=customer_id).delete()
    # Visits, charges and cards name the payer too, and would only lose their customer.
    for relation in Customer._meta.related_objects:
        relation.related_model.objects.filter(**{f"{relation.field.name}__id": customer_id}).delete()
    Customer.objects.filter(id=customer_id).delete()


def _blank_unnamed(payments: QuerySet[Payment]) -> None:
    """Blank events that name no customer but one of the payments, as refunds and disputes do.

    What is still to be handled needs its content for that, and is named or blanked with it.
    """
    intents = payments.exclude(payment_intent_id="").values("payment_intent_id")
    unnamed = StripeEvent.objects.filter(customer_id="").exclude(state=EventState.NEW).exclude(payload={})
    about = unnamed.annotate(intent=KT("payload__data__object__payment_intent")).filter(intent__in=intents)
    about.update(payload={})
