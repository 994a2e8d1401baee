"""What the queue calls. A second delivery finds nothing left to do."""

from __future__ import annotations

from uuid import UUID


def send(notification_id: str) -> None:
    """Send the mail about one fact, if it is still to be sent."""
    from apps.notifications import sending

    sending.send(UUID(notification_id))


def deliver(delivery_id: str) -> None:
    """Make the next try to tell one program one thing, if it is due."""
    from apps.notifications.webhooks import sending

    sending.send(UUID(delivery_id))
