"""dj-stripe's copies of Stripe's objects, for staff. Credits never wait for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from apps.billing.models import StripeEvent
from apps.billing.payments import erasing
from apps.billing.payments.inbox import MOST_COPY_TRIES


def copy(event_id: str) -> None:
    """Let dj-stripe handle the event, which fetches its objects again, in a transaction of its own.

    Raises whatever dj-stripe does; the event is tried again later, five times at most. Of an erased user's event
    nothing was kept that could be copied, and no copy stays of one who is erased meanwhile.
    """
    from djstripe.models import Event

    uncopied = StripeEvent.objects.filter(pk=event_id, copied_at__isnull=True, copy_tries__lt=MOST_COPY_TRIES)
    if not uncopied.exclude(payload={}).update(copy_tries=F("copy_tries") + 1):
        return
    event = StripeEvent.objects.get(pk=event_id)
    if not event.payload:
        return
    Event.process(event.payload)
    # Stripe was asked for seconds, and an erasure deletes only copies that it sees. Either it blanked the event before
    # this, or it comes after, and sees them; a lock would keep it waiting as long as Stripe does.
    if not StripeEvent.objects.filter(pk=event_id).exclude(payload={}).update(copied_at=timezone.now()):
        erasing.delete_copies(event.customer_id)


def old_copies(at: datetime) -> QuerySet[Any]:  # Any: dj-stripe has no types
    """Return dj-stripe's own events of over 90 days ago; nothing of ours and no other copy refers to them."""
    from djstripe.models import Event

    old: QuerySet[Any] = Event.objects.filter(djstripe_created__lt=at - timedelta(days=90))
    return old
