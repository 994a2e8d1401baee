"""Writes about webhooks: the addresses that a user gives, and what is to be told there."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.notifications.models import DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEvent
from apps.notifications.webhooks import outbox
from apps.notifications.webhooks.addresses import checked_url
from apps.notifications.webhooks.queries import delivery_of, endpoint_of
from apps.notifications.webhooks.signing import new_secret
from canvascast.errors import Invalid, RateLimited, Refused

MOST_ENDPOINTS = 5
SELECTABLE = (WebhookEvent.JOB_READY, WebhookEvent.JOB_FAILED)
"""The events that an address can be told."""
OLD_SECRET_IS_GOOD_FOR = timedelta(days=1)
_SAME_WISH = timedelta(minutes=10)
KEPT_FOR = timedelta(days=30)
_ASKED_FOR_AN_HOUR = 60
_MESSAGES = uuid.UUID("6f0c8a52-5d3c-4a53-9c61-0d1a5c7e9b13")
_ENDED = (DeliveryState.DELIVERED, DeliveryState.DROPPED, DeliveryState.GIVEN_UP)


@dataclass(frozen=True)
class Made:
    """An endpoint and its secret, which is shown this once."""

    endpoint: WebhookEndpoint
    secret: str


@transaction.atomic
def create_endpoint(*, user: User, url: str, events: Collection[str], at: datetime) -> Made:
    """Add an address. Raises Invalid for what cannot be called, Refused when there are as many as one may have."""
    User.objects.select_for_update().get(pk=user.pk)
    if WebhookEndpoint.objects.filter(user=user).count() >= MOST_ENDPOINTS:
        raise Refused(f"You have {MOST_ENDPOINTS} webhooks. Delete one that you no longer use first.")
    secret = new_secret()
    endpoint = WebhookEndpoint.objects.create(
        user=user, url=checked_url(url), events=_checked_events(events), secret=secret, created_at=at
    )
    return Made(endpoint, secret)


@transaction.atomic
def change_endpoint(
    *,
    user: User,
    endpoint_id: UUID,
    url: str | None = None,
    events: Collection[str] | None = None,
    is_active: bool | None = None,
) -> WebhookEndpoint:
    """Change what is given. Turned on, a paused one starts anew; what failed before at another url counts no more.

    Raises NotFound and Invalid.
    """
    endpoint = endpoint_of(user, endpoint_id, for_update=True)
    if url is not None and (checked := checked_url(url)) != endpoint.url:
        endpoint.url, endpoint.failing_since = checked, None
    if events is not None:
        endpoint.events = _checked_events(events)
    if is_active is not None:
        endpoint.is_active = is_active
    if is_active:
        endpoint.paused_at = endpoint.failing_since = None
    endpoint.save()
    return endpoint


@transaction.atomic
def rotate_secret(*, user: User, endpoint_id: UUID, at: datetime) -> Made:
    """Make a new secret; for a day everything is signed with the old one too. Raises NotFound.

    Asked again within minutes, because the answer was lost, the old one stays the one that programs have.
    """
    endpoint = endpoint_of(user, endpoint_id, for_update=True)
    if not _was_just_rotated(endpoint, at):
        endpoint.previous_secret, endpoint.previous_until = endpoint.secret, at + OLD_SECRET_IS_GOOD_FOR
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    return Made(endpoint, endpoint.secret)


@transaction.atomic
def delete_endpoint(*, user: User, endpoint_id: UUID) -> None:
    """Take the address away with its log. Raises NotFound."""
    # Locked before its log is deleted: a video that ends meanwhile has told it by then, or does not find it.
    endpoint_of(user, endpoint_id, for_update=True).delete()


@transaction.atomic
def delete_endpoints(*, user: User) -> None:
    """Take all of the user's addresses away with their logs."""
    locked = WebhookEndpoint.objects.select_for_update().filter(user=user).order_by("pk")
    WebhookEndpoint.objects.filter(pk__in=[endpoint.pk for endpoint in locked]).delete()


def record(
    *, user_id: UUID, event: WebhookEvent, subject: str, data: Mapping[str, str | int | None], at: datetime
) -> None:
    """Note a fact for the user's programs and queue its deliveries, in the caller's transaction.

    The same fact noted again is the same rows. The addresses stay locked, so that none is deleted before the commit,
    which would then fail with all that the caller did.
    """
    listening = WebhookEndpoint.objects.filter(user_id=user_id, is_active=True, events__contains=[event.value])
    locked = listening.select_for_update(no_key=True).order_by("pk")
    rows = [_delivery(endpoint, event, subject, data, at) for endpoint in locked]
    if not rows:
        return
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    mine = WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows], hinted_at__isnull=True)
    outbox.HINTS.send(list(mine.values_list("pk", flat=True)))


@transaction.atomic
def send_test(*, user: User, endpoint_id: UUID, at: datetime) -> WebhookDelivery:
    """Send an event that is about nothing, once. Raises NotFound, RateLimited, and Refused while it is turned off."""
    endpoint = _endpoint_to_ask(user, endpoint_id, at)
    subject = str(uuid.uuid4())
    row = _delivery(endpoint, WebhookEvent.TEST, subject, {"message": "This is a test."}, at)
    row.is_again = True
    row.save(force_insert=True)
    outbox.HINTS.send([row.pk])
    return row


@transaction.atomic
def send_again(*, user: User, endpoint_id: UUID, delivery_id: UUID, at: datetime) -> WebhookDelivery:
    """Tell the same thing again under its `webhook-id`, as a new row of the log.

    Raises NotFound, RateLimited, and Refused while it is on its way or the address is turned off.
    """
    endpoint = _endpoint_to_ask(user, endpoint_id, at)
    first = delivery_of(endpoint, delivery_id)
    same = WebhookDelivery.objects.filter(endpoint=endpoint, message_id=first.message_id)
    if same.exclude(state__in=_ENDED).exists():
        raise Refused("It is on its way already.")
    row = WebhookDelivery.objects.create(
        endpoint=endpoint,
        message_id=first.message_id,
        event=first.event,
        subject=first.subject,
        payload=first.payload,
        is_again=True,
        created_at=at,
    )
    outbox.HINTS.send([row.pk])
    return row


def forget(*, user_id: UUID, subjects: Collection[str]) -> None:
    """Take away what would be told, or was told, about things that were deleted."""
    WebhookDelivery.objects.filter(endpoint__user_id=user_id, subject__in=subjects).delete()


def delete_old(*, at: datetime) -> int:
    """Delete what ended and is older than the log goes back; return how many."""
    old = WebhookDelivery.objects.filter(state__in=_ENDED, created_at__lt=at - KEPT_FOR)
    return old.delete()[0]


def _was_just_rotated(endpoint: WebhookEndpoint, at: datetime) -> bool:
    until = endpoint.previous_until
    return until is not None and at < until - OLD_SECRET_IS_GOOD_FOR + _SAME_WISH


def _checked_events(events: Collection[str]) -> list[str]:
    known = [event.value for event in SELECTABLE if event.value in events]
    if not known or len(known) != len(set(events)):
        sentence = f"Choose one or more of {' and '.join(event.value for event in SELECTABLE)}."
        raise Invalid(sentence, {"events": sentence})
    return known


def _endpoint_to_ask(user: User, endpoint_id: UUID, at: datetime) -> WebhookEndpoint:
    endpoint = endpoint_of(user, endpoint_id, for_update=True)
    if not endpoint.is_active:
        raise Refused("This webhook is turned off. Turn it on first.")
    asked = WebhookDelivery.objects.filter(endpoint=endpoint, is_again=True, created_at__gt=at - timedelta(hours=1))
    if asked.count() >= _ASKED_FOR_AN_HOUR:
        sentence = f"That were {_ASKED_FOR_AN_HOUR} within an hour. Please try again later."
        raise RateLimited(sentence, {"retryAfterSeconds": 3600})
    return endpoint


def _delivery(
    endpoint: WebhookEndpoint, event: WebhookEvent, subject: str, data: Mapping[str, Any], at: datetime
) -> WebhookDelivery:  # Any: JSON
    message_id = f"msg_{uuid.uuid5(_MESSAGES, f'{event}:{subject}').hex}"
    payload = {"type": event.value, "id": message_id, "createdAt": at.isoformat(), "data": dict(data)}
    return WebhookDelivery(
        endpoint=endpoint, message_id=message_id, event=event, subject=subject, payload=payload, created_at=at
    )
