from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest

from apps.notifications.models import Notification, NotificationPreference


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin[Notification]):
    """Facts are written by the product; staff read them."""

    list_display = ("created_at", "user", "event", "key", "sent_at")
    list_filter = ("event",)
    search_fields: ClassVar = ("user__email", "key")
    list_select_related = ("user",)
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(admin.ModelAdmin[NotificationPreference]):
    list_display = ("user", "video_ready", "video_failed", "low_credits", "marketing")
    search_fields = ("user__email",)
    readonly_fields = ("user", "updated_at")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
