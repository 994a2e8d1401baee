"""Facts are written by the product, switches by the customer; staff read them."""

from __future__ import annotations

from django.contrib import admin

from apps.notifications.models import Notification, NotificationPreference
from canvascast.staff import ReadOnlyAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "event", "key", "state", "reason", "tries", "doubtful_tries", "sent_at")
    list_select_related = ("user",)
    list_filter = ("event", "state")
    search_fields = ("user__email", "key")


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "video_ready", "video_failed", "low_credits", "marketing")
    list_select_related = ("user",)
    search_fields = ("user__email",)
