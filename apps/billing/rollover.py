"""A plan's new month: what is left of the old one ends, and as much of it as the plan allows comes along.

A month's credits are a lot that lasts three days longer than the month, because a renewal may be paid late: what the
clock took in those days counts as left.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from apps.billing.models import CreditLot, Kind, LedgerEntry, LotAllocation, Source

GRACE = timedelta(days=3)
_LONGEST_MONTH = timedelta(days=31)
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
    """Return how many of a lot's credits ended unused, in their month or after it: nobody can owe those.

    What was carried over is followed into its new lot, and on from there: each time one renewal later, so that it ends.
    """
    ended = LotAllocation.objects.filter(lot=lot, entry__kind=Kind.EXPIRE).select_related("entry", "lot__entry")
    return sum(part.credits - _carried_of(part) for part in ended)


def _carried_of(part: LotAllocation) -> int:
    """Return how many of the credits that ended came along in the next renewal and did not end unused after it.

    A renewal may end several lots: the oldest of what ended comes along first, and is used first.
    """
    rollover = _rollover_of(part.entry)
    if rollover is None:
        return 0
    lot = part.lot
    is_older = Q(lot__entry__seq__lt=lot.entry.seq) | Q(lot=lot, entry__seq__lt=part.entry.seq)
    older = _ended_by(rollover).filter(is_older).aggregate(total=Sum("credits"))["total"] or 0
    used = rollover.lot.credits - lapsed_of(rollover.lot)
    return max(0, min(part.credits, used - older))


def _rollover_of(ended: LedgerEntry) -> LedgerEntry | None:
    """Return the row of what was carried over by the renewal that ended a lot, or that came after the clock had."""
    if ended.idempotency_key.startswith(RENEWAL):
        renewal = ended.idempotency_key.removeprefix(RENEWAL).rpartition(":")[0]
        return LedgerEntry.objects.filter(idempotency_key=f"{ROLLOVER}{renewal}").first()
    later = LedgerEntry.objects.filter(
        user_id=ended.user_id, seq__gt=ended.seq, idempotency_key__startswith=ROLLOVER
    ).select_related("lot")
    rollover = later.order_by("seq").first()
    return rollover if rollover is not None and _month_of(rollover) <= ended.created_at else None


def _ended_by(rollover: LedgerEntry) -> QuerySet[LotAllocation]:
    """Return what counted as left in the renewal: what it ended itself, and what the clock took since the month."""
    key = rollover.idempotency_key.removeprefix(ROLLOVER)
    by_clock = Q(entry__created_at__gte=_month_of(rollover)) & ~Q(entry__idempotency_key__startswith=RENEWAL)
    return LotAllocation.objects.filter(
        Q(entry__idempotency_key__startswith=f"{RENEWAL}{key}:") | by_clock,
        lot__user_id=rollover.user_id,
        lot__source=Source.PLAN,
        entry__kind=Kind.EXPIRE,
        entry__seq__lt=rollover.seq,
    )


def _month_of(rollover: LedgerEntry) -> datetime:
    """Return when the month of a renewal began at the earliest; what was carried over ends with that month."""
    assert rollover.lot.expires_at is not None
    return rollover.lot.expires_at - GRACE - _LONGEST_MONTH
