"""What staff see of payments. The one thing they do is pay back; all else is done at Stripe."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from apps.accounts.models import User
from apps.billing.models import Checkout, Payment, Reversal, StripeEvent, Subscription
from apps.billing.payments.refunding import refund_payment, refundable_cents
from canvascast.staff import AskedOnce, ReadOnlyAdmin, ReadOnlyInline, ask, row_or_404


class RefundForm(AskedOnce):
    cents = forms.IntegerField(min_value=1, widget=UnfoldAdminIntegerFieldWidget, help_text="Cents to pay back.")
    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextInputWidget, help_text="Kept here and at Stripe.")


class ReversalInline(ReadOnlyInline):
    model = Reversal
    fields = ("id", "kind", "cents", "credits", "reason", "restored_by", "created_at")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ("paid_at", "user", "item", "credits", "cents", "currency", "livemode", "id")
    list_select_related = ("user",)
    list_filter = ("item", "livemode")
    search_fields = ("user__email", "id", "payment_intent_id")
    ordering: ClassVar[list[str]] = ["-paid_at"]
    inlines = (ReversalInline,)
    actions_detail = ("refund",)

    @action(description="Pay back", permissions=["credits"])  # type: ignore[untyped-decorator]  # unfold
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = row_or_404(Payment, unquote(object_id))

        def perform(by: User, asked: dict[str, Any]) -> str:  # Any: the form's cleaned values
            taken = refund_payment(
                payment_id=payment.pk, cents=asked["cents"], reason=asked["reason"], by=by, token=asked["token"]
            )
            self.log_change(request, payment, f"Paid back {asked['cents']} cents: {asked['reason']}")
            return f"{asked['cents']} cents paid back, {taken} credits taken back."

        return ask(
            request,
            self,
            RefundForm,
            title=f"Pay back {payment.pk}: at most {refundable_cents(payment)} cents",
            button="Pay this back",
            back=reverse("admin:billing_payment_change", args=[quote(payment.pk)]),
            perform=perform,
        )


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("user", "plan", "status", "period_ends_at", "ends_at", "livemode", "id")
    list_select_related = ("user",)
    list_filter = ("plan", "status", "livemode")
    search_fields = ("user__email", "id")
    ordering: ClassVar[list[str]] = ["-started_at"]


@admin.register(Checkout)
class CheckoutAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "item", "cents", "state", "livemode", "session_id")
    list_select_related = ("user",)
    list_filter = ("state", "item", "livemode")
    search_fields = ("user__email", "session_id")
    ordering: ClassVar[list[str]] = ["-created_at"]


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "type", "state", "tries", "reason", "copied_at", "id")
    list_filter = ("state", "type")
    search_fields = ("id", "customer_id")
    ordering: ClassVar[list[str]] = ["-received_at"]
