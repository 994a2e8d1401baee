"""What staff see of credits. Nothing here can be edited: credits move by entries, and entries are for ever."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.billing import payment_admin  # noqa: F401 - registers its pages
from apps.billing.models import CreditLot, LedgerEntry, Wallet
from canvascast.staff import ReadOnlyAdmin, ReadOnlyInline


class WalletInline(ReadOnlyInline):
    model = Wallet
    fields = ("available", "held", "debt", "last_seq")


class LedgerInline(ReadOnlyInline):
    model = LedgerEntry
    fk_name = "user"
    per_page = 20
    fields = ("seq", "kind", "d_available", "d_held", "d_debt", "title", "reason", "by", "created_at")
    ordering: ClassVar[list[str]] = ["-seq"]
    verbose_name_plural = "ledger"

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        found: QuerySet[LedgerEntry] = super().get_queryset(request)
        return found.select_related("by")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "seq", "kind", "d_available", "d_held", "d_debt", "title", "reason", "by")
    list_select_related = ("user", "by")
    list_filter = ("kind",)
    search_fields = ("user__email", "job_id", "idempotency_key")
    ordering: ClassVar[list[str]] = ["-created_at"]


@admin.register(CreditLot)
class CreditLotAdmin(ReadOnlyAdmin):
    list_display = ("user", "source", "credits", "remaining", "expires_at", "created_at")
    list_select_related = ("user",)
    list_filter = ("source",)
    search_fields = ("user__email",)
