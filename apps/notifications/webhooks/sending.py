"""One delivery from its claim to its record, and what it says about its address."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.notifications import actions as notifications
from apps.notifications.models import DeliveryState, Event, WebhookDelivery, WebhookEndpoint
from apps.notifications.webhooks import messages, outbox, signing, wire
from apps.notifications.webhooks.outbox import Claim, LeaseLost
from canvascast.advisory_locks import held_alone
from canvascast.logs import get_logger

log = get_logger("webhooks")

ROUND_SECONDS = 30.0

# As long as one thing is told again and again.
PAUSED_AFTER = timedelta(days=2, hours=12)


def send(delivery_id: UUID) -> None:
    """Make the next try if it is due, then those of other addresses that are due, for at most half a minute.

    One process at a time does this, so that the others of the queue are there for mail and payments, however slowly
    somebody's program answers. An address that just failed waits for the next round.
    """
    with held_alone(outbox.TURN) as is_mine:
        if not is_mine:
            return
        until, failed = time.monotonic() + ROUND_SECONDS, set[UUID]()
        due: UUID | None = delivery_id
        while due is not None:
            failed |= _send_one(due)
            due = outbox.next_due(besides=failed) if time.monotonic() < until else None


def _send_one(delivery_id: UUID) -> set[UUID]:
    """Return the delivery's address, as a set of one, if it failed."""
    claim = outbox.claim(delivery_id)
    if claim is None:
        return set()
    with suppress(LeaseLost):
        return set() if _send_claimed(claim) else {claim.delivery.endpoint_id}
    return set()


def _send_claimed(claim: Claim) -> bool:
    delivery, at = claim.delivery, timezone.now()
    if reason := _reason_to_drop(delivery.endpoint):
        outbox.drop(claim, reason=reason)
        return True
    body = messages.body_of(delivery)
    headers = signing.headers_of(delivery, body, at=at)
    try:
        taken = wire.post(delivery.endpoint.url, body=body.encode(), headers=headers)
    except wire.NotTaken as error:
        _record_failure(claim, error, at=at)
        return False
    else:
        outbox.record_delivered(claim, status=taken.status, milliseconds=taken.milliseconds, at=at)
        called = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, url=delivery.endpoint.url)
        called.filter(failing_since__isnull=False).update(failing_since=None)
        log.info("webhook_delivered", deliveryId=str(delivery.pk), tries=delivery.tries)
        return True


def _reason_to_drop(endpoint: WebhookEndpoint) -> str:
    return "" if endpoint.is_active and endpoint.user.is_active else "switched_off"


@transaction.atomic
def _record_failure(claim: Claim, error: wire.NotTaken, *, at: datetime) -> None:
    delivery = claim.delivery
    # The address before its delivery, as whoever deletes both does.
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=delivery.endpoint_id).first()
    if endpoint is None:
        raise LeaseLost(f"delivery {delivery.pk}")
    # What an address did from which its owner moved away meanwhile says nothing of the new one.
    is_same = endpoint.url == delivery.endpoint.url
    is_gone = is_same and error.reason == "gone"
    end = outbox.give_up if claim.is_last or is_gone else outbox.postpone
    end(claim, reason=error.reason, status=error.status, milliseconds=error.milliseconds, at=at)
    log.warning("webhook_not_taken", deliveryId=str(delivery.pk), reason=error.reason, tries=delivery.tries)
    if is_same and not claim.is_test and endpoint.failing_since is None:
        endpoint.failing_since = at
        endpoint.save(update_fields=["failing_since"])
    is_given_up = is_same and end is outbox.give_up and not claim.is_test
    if is_gone or (is_given_up and at - (endpoint.failing_since or at) >= PAUSED_AFTER):
        _pause(endpoint, at=at)


def _pause(endpoint: WebhookEndpoint, *, at: datetime) -> None:
    """Stop telling an address that has not answered for days, or says that it is gone, and tell its owner by mail."""
    if WebhookEndpoint.objects.filter(pk=endpoint.pk, is_active=True).update(is_active=False, paused_at=at) != 1:
        return
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.QUEUED)
    waiting.update(state=DeliveryState.DROPPED, reason="paused")
    since = endpoint.failing_since or at
    notifications.record(
        user_id=endpoint.user_id,
        event=Event.WEBHOOK_PAUSED,
        key=f"{endpoint.pk} {at:%Y-%m-%dT%H:%M:%S}",
        facts={
            "host": urlsplit(endpoint.url).hostname or "",
            "endpointId": str(endpoint.pk),
            "since": since.date().isoformat(),
        },
        at=at,
    )
