"""A plan's new month: what is left of the old one ends, and as much of it as the plan allows comes along.

A month's credits are a lot that lasts three days longer than the month, because a renewal may be paid late: what the
clock took in those days counts as left.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from apps.billing.models import CreditLot, Kind, LedgerEntry, LotAllocation, Source

GRACE = timedelta(days=3)
# How the keys of a renewal's rows begin; what follows is the key of the new month.
RENEWAL, ROLLOVER = "renewal:", "rollover:"


def open_plan_lots(user_id: UUID, began_at: datetime) -> list[CreditLot]:
    """Return the lots with credits left of months before the one that `began_at`, oldest first.

    A month that was paid after its end lasts longer than those, and goes on.
    """
    mine = CreditLot.objects.filter(user_id=user_id, source=Source.PLAN, remaining__gt=0)
    return list(mine.filter(expires_at__lte=began_at + GRACE).order_by("entry__seq"))


def expired_since(user_id: UUID, moment: datetime) -> int:
    """Return how many credits of plans the clock took at or after `moment`, renewals left aside."""
    taken = LotAllocation.objects.filter(
        lot__user_id=user_id, lot__source=Source.PLAN, entry__kind=Kind.EXPIRE, entry__created_at__gte=moment
    ).exclude(entry__idempotency_key__startswith=RENEWAL)
    return taken.aggregate(total=Sum("credits"))["total"] or 0


def lapsed_of(lot: CreditLot) -> int:
    """Return how many of a lot's credits ended unused and were not carried over: nobody can owe those."""
    ended = LotAllocation.objects.filter(lot=lot, entry__kind=Kind.EXPIRE).select_related("entry")
    return sum(max(0, part.credits - _carried_with(part.entry)) for part in ended)


def _carried_with(ended: LedgerEntry) -> int:
    """Return what came along in the renewal that ended a lot; 0 where the clock did."""
    if not ended.idempotency_key.startswith(RENEWAL):
        return 0
    renewal = ended.idempotency_key.removeprefix(RENEWAL).rpartition(":")[0]
    carried = LedgerEntry.objects.filter(idempotency_key=f"{ROLLOVER}{renewal}").first()
    return -carried.d_external if carried else 0
