"""The staff pages that look across the apps. It registers last and takes away what other packages brought."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.admin import LedgerInline, WalletInline
from apps.billing.models import Source
from canvascast.errors import Refused
from canvascast.funnel.models import Fact
from canvascast.operations.funnel_page import FunnelAdmin
from canvascast.staff import CreditsForm, StaffAdmin, ask, row_or_404


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Staff may stop an account; who is staff is decided on the server, by a command."""

    list_display = ("email", "is_staff", "is_active", "created_at", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("id", "email")
    fields = ("id", "email", "is_active", "is_staff", "created_at", "last_login")
    readonly_fields = ("id", "email", "is_staff", "created_at", "last_login")
    inlines = (WalletInline, LedgerInline)
    actions_detail = ("grant_credits",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @action(description="Grant credits", permissions=["credits"])  # type: ignore[untyped-decorator]  # unfold
    def grant_credits(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = row_or_404(User, object_id)

        def perform(by: User, asked: dict[str, Any]) -> str:  # Any: the form's cleaned values
            entry = ledger.grant(
                user_id=user.pk,
                credits=asked["credits"],
                source=Source.GIFT,
                reason=asked["reason"],
                key=f"staff:{asked['token']}",
                by=by,
                at=timezone.now(),
            )
            # Part of it may have paid what was owed, so the row is judged by what came in.
            if (-entry.d_external, entry.reason) != (asked["credits"], asked["reason"]):
                raise Refused("This form was used already, for another grant. Open it again for one more.")
            return f"{asked['credits']} credits granted to {user.email}."

        return ask(
            request,
            self,
            CreditsForm,
            title=f"Grant credits to {user.email}",
            button="Grant these credits",
            back=reverse("admin:accounts_user_change", args=[user.pk]),
            perform=perform,
        )


admin.site.register(Fact, FunnelAdmin)


def _show_only_our_pages() -> None:
    """Other packages' pages let staff schedule any function, read MFA secrets, edit copies of Stripe's rows."""
    for model in apps.get_models():
        if admin.site.is_registered(model) and not isinstance(admin.site.get_model_admin(model), StaffAdmin):
            admin.site.unregister(model)


_show_only_our_pages()
