"""What users are told, by mail and by webhook, and what became of it."""

from apps.notifications.models.mail_log import MailEvent, SuppressedMailbox
from apps.notifications.models.notification import Event, MailState, Notification, NotificationPreference
from apps.notifications.models.webhook import DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "DeliveryState",
    "Event",
    "MailEvent",
    "MailState",
    "Notification",
    "NotificationPreference",
    "SuppressedMailbox",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
