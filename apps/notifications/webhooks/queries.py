"""Reads about webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.notifications.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from canvascast.errors import NotFound

# What each word for why something was not taken says; the log shows it.
REASONS: Mapping[str, str] = {
    "unreachable": "Nobody answered at that address",
    "no_answer": "No answer within ten seconds",
    "broken_answer": "The answer broke off",
    "bad_certificate": "Its certificate is not valid",
    "not_public": "The address leads into a private network",
    "redirect": "It answered with another address, which is not followed",
    "refused": "It answered that something is wrong",
    "gone": "It answered that it is gone for good",
    "switched_off": "The webhook was turned off",
    "paused": "The webhook was paused",
    "worker_lost": "Our worker broke off each time",
}


def endpoints_of(user: User) -> QuerySet[WebhookEndpoint]:
    """Return the user's addresses, oldest first."""
    return WebhookEndpoint.objects.filter(user=user).order_by("created_at", "pk")


def endpoint_of(user: User, endpoint_id: UUID, *, for_update: bool = False) -> WebhookEndpoint:
    """Return one of the user's addresses, locked with `for_update`. Raises NotFound."""
    rows = WebhookEndpoint.objects.select_for_update() if for_update else WebhookEndpoint.objects.all()
    endpoint = rows.filter(user=user, pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def deliveries_of(endpoint: WebhookEndpoint, *, limit: int) -> list[WebhookDelivery]:
    """Return what was told there lately, newest first."""
    return list(WebhookDelivery.objects.filter(endpoint=endpoint).order_by("-created_at", "-pk")[:limit])


def delivery_of(endpoint: WebhookEndpoint, delivery_id: UUID) -> WebhookDelivery:
    """Return one delivery of that address. Raises NotFound."""
    delivery = WebhookDelivery.objects.filter(endpoint=endpoint, pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    return delivery


def reason_in_words(delivery: WebhookDelivery) -> str:
    """Return why it was not taken, as the log says it; empty when it was, or was not tried yet."""
    return REASONS.get(delivery.reason, "")


def is_on_its_way(delivery: WebhookDelivery) -> bool:
    """Tell whether it is still to be told."""
    return delivery.state in (DeliveryState.QUEUED, DeliveryState.SENDING)
