"""Deliveries from their claim to their end: claimed like mails, but told again until they are taken, for three days.

Whether a program took what its worker did not live to record cannot be known, so it is told again: at least once, and
the same `webhook-id` each time.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.notifications.models import DeliveryState, WebhookDelivery, WebhookEvent
from canvascast.hints import QUICK, Hints
from canvascast.logs import get_logger

log = get_logger("webhooks")

_WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 20 * 3600)
)
MOST_TRIES = len(_WAITS) + 1
TURN = "webhooks"
"""Held alone by the process that calls programs."""
# A call ends after ten seconds, but for the look-up of its name.
_LEASES_FOR_THE_CALL = 2
# Fewer than for mails, which must not wait behind programs that do not answer.
HINTS = Hints(WebhookDelivery, task="apps.notifications.tasks.deliver", queue=QUICK, enough=4)


class LeaseLost(Exception):
    """Another worker took the delivery over, or it was taken away: nothing of this try may be written."""


@dataclass(frozen=True)
class Claim:
    """The right to make one try until the lease ends."""

    delivery: WebhookDelivery
    holder: UUID

    @property
    def is_test(self) -> bool:
        """Return whether it is about nothing, and sent to see what happens."""
        return self.delivery.event == WebhookEvent.TEST

    @property
    def is_last(self) -> bool:
        """Return whether no further try follows this one; a test is tried once."""
        return self.delivery.tries >= MOST_TRIES or self.is_test


def claim(delivery_id: UUID) -> Claim | None:
    """Take the delivery if it is due or its worker fell silent; None when there is nothing to do."""
    holder = uuid4()
    lease_until = Now() + timedelta(seconds=settings.LEASE_SECONDS * _LEASES_FOR_THE_CALL)
    taken = WebhookDelivery.objects.filter(_claimable(), pk=delivery_id).update(
        state=DeliveryState.SENDING, holder=holder, tries=F("tries") + 1, lease_until=lease_until
    )
    held = WebhookDelivery.objects.filter(pk=delivery_id, holder=holder).select_related("endpoint__user")
    row = held.first() if taken else None
    return Claim(row, holder) if row else None


def next_due(*, besides: Collection[UUID]) -> UUID | None:
    """Return the delivery to make next, of addresses that answer before those that do not, but none of `besides`."""
    due = WebhookDelivery.objects.filter(_claimable()).exclude(endpoint__in=besides)
    first = due.order_by(F("endpoint__failing_since").asc(nulls_first=True), "due_at")
    return first.values_list("pk", flat=True).first()


def record_delivered(claim: Claim, *, status: int, milliseconds: int, at: datetime) -> None:
    """Write down that it was taken. Raises LeaseLost."""
    answer = {"answer_status": status, "answer_ms": milliseconds, "tried_at": at}
    _end(claim, DeliveryState.DELIVERED, reason="", delivered_at=at, **answer)


def postpone(claim: Claim, *, reason: str, status: int | None, milliseconds: int | None, at: datetime) -> None:
    """Try again later. Raises LeaseLost."""
    wait = _WAITS[claim.delivery.tries - 1] * random.uniform(0.9, 1.1)
    answer = {"answer_status": status, "answer_ms": milliseconds, "tried_at": at}
    _end(claim, DeliveryState.QUEUED, reason=reason, due_at=Now() + wait, hinted_at=None, **answer)


def give_up(claim: Claim, *, reason: str, status: int | None, milliseconds: int | None, at: datetime) -> None:
    """End it untaken. Raises LeaseLost."""
    answer = {"answer_status": status, "answer_ms": milliseconds, "tried_at": at}
    _end(claim, DeliveryState.GIVEN_UP, reason=reason, **answer)


def drop(claim: Claim, *, reason: str) -> None:
    """End it without a try. Raises LeaseLost."""
    _end(claim, DeliveryState.DROPPED, reason=reason)


def sweep() -> None:
    """Find again what was lost; the worker supervisor calls it every second. Running it twice at once does no harm."""
    _give_up_exhausted()
    due = WebhookDelivery.objects.filter(_claimable()).order_by("due_at")
    HINTS.send_forgotten(due, again_after=timedelta(seconds=settings.LEASE_SECONDS))


def _give_up_exhausted() -> None:
    """A delivery that kills its worker every time."""
    exhausted = WebhookDelivery.objects.filter(_silent(), tries__gte=MOST_TRIES)
    ended = exhausted.update(state=DeliveryState.GIVEN_UP, holder=None, lease_until=None, reason="worker_lost")
    if ended:
        log.error("deliveries_given_up", number=ended, reason="worker_lost")


def _claimable() -> Q:
    return Q(tries__lt=MOST_TRIES) & (Q(state=DeliveryState.QUEUED, due_at__lte=Now()) | _silent())


def _silent() -> Q:
    return Q(state=DeliveryState.SENDING, lease_until__lt=Now())


def _end(claim: Claim, state: DeliveryState, **columns: Any) -> None:  # Any: values of WebhookDelivery's columns
    held = WebhookDelivery.objects.filter(pk=claim.delivery.pk, holder=claim.holder)
    if held.update(state=state, holder=None, lease_until=None, **columns) != 1:
        raise LeaseLost(f"delivery {claim.delivery.pk}")
