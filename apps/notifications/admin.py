"""Facts are written by the product, switches by the customer; staff read them."""

from __future__ import annotations

from dataclasses import fields

from django.contrib import admin

from apps.notifications.models import (
    MailEvent,
    Notification,
    NotificationPreference,
    SuppressedMailbox,
    WebhookDelivery,
    WebhookEndpoint,
)
from apps.notifications.queries import Preferences
from canvascast.staff import ReadOnlyAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "event", "key", "state", "reason", "tries", "doubtful_tries", "sent_at")
    list_select_related = ("user",)
    list_filter = ("event", "state")
    search_fields = ("user__email", "key")


@admin.register(MailEvent)
class MailEventAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "kind", "is_permanent", "recipient", "notification", "detail")
    list_select_related = ("notification",)
    list_filter = ("kind", "is_permanent")
    search_fields = ("recipient", "message_id")


@admin.register(SuppressedMailbox)
class SuppressedMailboxAdmin(ReadOnlyAdmin):
    list_display = ("address", "reason", "since")
    list_filter = ("reason",)
    search_fields = ("address",)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    """Without its secrets."""

    list_display = ("created_at", "user", "url", "is_active", "failing_since", "paused_at")
    list_select_related = ("user",)
    list_filter = ("is_active",)
    search_fields = ("user__email", "url")
    exclude = ("secret", "previous_secret")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "endpoint", "event", "subject", "state", "reason", "answer_status", "tries")
    list_select_related = ("endpoint",)
    list_filter = ("event", "state")
    search_fields = ("subject", "message_id", "endpoint__user__email")


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", *(field.name for field in fields(Preferences)))
    list_select_related = ("user",)
    search_fields = ("user__email",)
