"""What was bought, of whom at Stripe, and what Stripe told us.

Stripe has the truth about payments; dj-stripe keeps copies of its objects for staff. These rows hold what neither can
know: whose a customer is, what was promised for a price, and which ledger row a payment became. Nothing here refers to
dj-stripe's tables. `livemode` keeps what was tried with a test key apart from what was paid.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.billing.models.credits import LedgerEntry


class StripeCustomer(models.Model):
    """Which customer at Stripe a user is; one a user and mode."""

    id = models.CharField(max_length=64, primary_key=True, help_text="cus_…")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stripe_customers")
    livemode = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    is_gone = models.BooleanField(default=False, help_text="deleted at Stripe; the user gets another when they buy")

    class Meta:
        db_table = "stripe_customers"
        constraints = [
            models.UniqueConstraint(
                name="stripe_customers_one_a_user", fields=["user", "livemode"], condition=Q(is_gone=False)
            ),
        ]

    def __str__(self) -> str:
        return self.id


class StripePrice(models.Model):
    """A price at Stripe and what it buys. Rows stay when prices change: subscribers keep what they signed up for."""

    id = models.CharField(max_length=64, primary_key=True, help_text="price_…")
    livemode = models.BooleanField()
    item = models.CharField(max_length=30)
    credits = models.PositiveIntegerField()
    cents = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)

    class Meta:
        db_table = "stripe_prices"
        constraints = [
            models.UniqueConstraint(
                name="stripe_prices_one_current", fields=["item", "livemode"], condition=Q(is_current=True)
            ),
            models.CheckConstraint(name="stripe_prices_positive", condition=Q(credits__gt=0, cents__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.cents}"


class CheckoutState(models.TextChoices):
    OPEN = "OPEN"
    PAID = "PAID"
    EXPIRED = "EXPIRED"


class Checkout(models.Model):
    """One visit to Stripe's payment page: what was promised for which price, and where the user goes on afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="checkouts")
    livemode = models.BooleanField()
    item = models.CharField(max_length=30)
    credits = models.PositiveIntegerField()
    cents = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=CheckoutState, default=CheckoutState.OPEN)
    session_id = models.CharField(max_length=100, blank=True, help_text="cs_…")
    url = models.URLField(max_length=2_000, blank=True)
    back = models.CharField(max_length=1_000, blank=True, help_text="path of the page that needs the credits")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "checkouts"
        constraints = [
            models.UniqueConstraint(name="checkouts_one_a_session", fields=["session_id"], condition=~Q(session_id="")),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="checkouts_by_user")]

    def __str__(self) -> str:
        return f"{self.item} {self.state}"


class Subscription(models.Model):
    """A user's plan, as Stripe last told it. `ends_at` is set when it will not renew."""

    id = models.CharField(max_length=64, primary_key=True, help_text="sub_…")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscriptions")
    livemode = models.BooleanField()
    plan = models.CharField(max_length=30)
    price_id = models.CharField(
        max_length=64, blank=True, db_default="", help_text="price_… that is paid; empty where Stripe told it before"
    )
    status = models.CharField(max_length=30, help_text="Stripe's word: active, past_due, canceled …")
    period_ends_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    checkout = models.ForeignKey(
        Checkout, null=True, blank=True, on_delete=models.PROTECT, related_name="subscriptions"
    )
    asked_at = models.DateTimeField(help_text="when Stripe was asked for this; an older answer changes nothing")

    class Meta:
        db_table = "subscriptions"
        indexes = [
            models.Index(fields=["user", "-started_at"], name="subscriptions_by_user"),
            models.Index(fields=["ends_at"], name="subscriptions_ending", condition=Q(ends_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.status}"


class Payment(models.Model):
    """Money that came, and the ledger row that its credits are. The id is the payment intent's or the invoice's."""

    id = models.CharField(max_length=100, primary_key=True, help_text="pi_… of a pack, in_… of a month of a plan")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments")
    livemode = models.BooleanField()
    item = models.CharField(max_length=30)
    credits = models.PositiveIntegerField()
    cents = models.PositiveIntegerField(help_text="paid, taxes included")
    currency = models.CharField(max_length=3)
    payment_intent_id = models.CharField(max_length=100, blank=True)
    receipt_url = models.URLField(max_length=2_000, blank=True)
    checkout = models.ForeignKey(Checkout, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="payment")
    paid_at = models.DateTimeField()

    class Meta:
        db_table = "payments"
        ordering: ClassVar[list[str]] = ["-paid_at"]
        constraints = [
            models.UniqueConstraint(
                name="payments_one_an_intent", fields=["payment_intent_id"], condition=~Q(payment_intent_id="")
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-paid_at"], name="payments_by_user"),
            models.Index(fields=["paid_at"], name="payments_by_time"),
        ]

    def __str__(self) -> str:
        return self.id


class ReversalKind(models.TextChoices):
    REFUND = "refund"
    DISPUTE = "dispute"


class Reversal(models.Model):
    """Money that went back or is disputed, and the credits that went with it; `restored_by` when a dispute was won."""

    id = models.CharField(max_length=100, primary_key=True, help_text="re_… or du_…")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="reversals")
    kind = models.CharField(max_length=10, choices=ReversalKind)
    cents = models.PositiveIntegerField()
    credits = models.PositiveIntegerField()
    entry = models.OneToOneField(LedgerEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="reversal")
    restored_by = models.OneToOneField(
        LedgerEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="restored_reversal"
    )
    reason = models.CharField(max_length=300, blank=True, help_text="why, in the words of whoever paid it back")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "payment_reversals"
        indexes = [models.Index(fields=["created_at"], name="payment_reversals_by_time")]
        constraints = [
            models.CheckConstraint(
                name="payment_reversals_entry_iff_credits",
                condition=Q(credits=0, entry__isnull=True) | Q(credits__gt=0, entry__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.id


class EventState(models.TextChoices):
    NEW = "NEW"
    DONE = "DONE"
    GIVEN_UP = "GIVEN_UP", "could not be handled"


class StripeEvent(models.Model):
    """What Stripe sent, kept once. It is a hint to look at the customer; its content decides nothing."""

    id = models.CharField(max_length=100, primary_key=True, help_text="evt_…")
    type = models.CharField(max_length=100)
    customer_id = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(default=dict)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=10, choices=EventState, default=EventState.NEW)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    hinted_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True, help_text="why it could not be handled the last time")
    copied_at = models.DateTimeField(null=True, blank=True, help_text="when dj-stripe had made its copies")
    copy_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "stripe_events"
        indexes = [
            models.Index(fields=["due_at"], name="stripe_events_open", condition=Q(state=EventState.NEW)),
            models.Index(fields=["customer_id"], name="stripe_events_by_customer"),
            models.Index(fields=["received_at"], name="stripe_events_uncopied", condition=Q(copied_at__isnull=True)),
            models.Index(
                fields=["state"],
                name="stripe_events_unhandled",
                condition=Q(state__in=[EventState.NEW, EventState.GIVEN_UP]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
