"""What the queue calls. A second delivery finds nothing left to do."""

from __future__ import annotations


def handle_event(event_id: str) -> None:
    """Act on what Stripe sent."""
    from apps.billing.payments import inbox

    inbox.handle(event_id)


def copy_event(event_id: str) -> None:
    """Let dj-stripe copy what the event is about."""
    from apps.billing.payments import copies

    copies.copy(event_id)


def delete_customer(customer_id: str) -> None:
    """Delete an erased user's customer at Stripe, which ends their plan."""
    from apps.billing.payments import erasing

    erasing.delete_customer(customer_id)
