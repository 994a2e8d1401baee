"""Which lots a movement of credits touches. The caller holds the wallet's lock and has checked the amounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Sum

from apps.billing.models import CreditLot, LedgerEntry, LotAllocation, Source


def open_lot(entry: LedgerEntry, *, source: Source, credits: int, expires_at: datetime | None, at: datetime) -> None:
    """Make the lot that `entry` brought; what of it paid a debt is taken at once."""
    lot = CreditLot.objects.create(
        user_id=entry.user_id,
        entry=entry,
        source=source,
        credits=credits,
        remaining=credits,
        expires_at=expires_at,
        created_at=at,
    )
    _allocate(entry, [(lot.pk, credits - entry.d_available)])


def take(entry: LedgerEntry, *, at: datetime, first: str = "") -> None:
    """Take what `entry` takes from lots that have not expired.

    The lot that came under the key `first` goes first, then the first to expire.
    """
    lots = CreditLot.objects.filter(user_id=entry.user_id, remaining__gt=0).filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    )
    is_first = ExpressionWrapper(Q(entry__idempotency_key=first), output_field=BooleanField())
    in_order = lots.order_by(is_first.desc(), F("expires_at").asc(nulls_last=True), "entry__seq")
    _spread(entry, in_order.values_list("pk", "remaining"), -entry.d_available, sign=1)


def give_back(entry: LedgerEntry, *, reserved_by: LedgerEntry) -> None:
    """Give what the settlement `entry` returns to the lots that its reservation took from, the last to expire first."""
    taken = reserved_by.allocations.order_by(F("lot__expires_at").desc(nulls_first=True), "-lot__entry__seq")
    _spread(entry, taken.values_list("lot_id", "credits"), entry.d_available, sign=-1)


def take_expired(entry: LedgerEntry, lot: CreditLot) -> None:
    """Take everything that remains of an expired lot."""
    _allocate(entry, [(lot.pk, lot.remaining)])


def due_lots(at: datetime) -> QuerySet[CreditLot]:
    """Return the lots that have expired with credits still in them."""
    return CreditLot.objects.filter(remaining__gt=0, expires_at__lte=at).order_by("expires_at", "pk")


def trial_credits_since(moment: datetime) -> int:
    """Return how many credits were granted for trials since `moment`."""
    granted = CreditLot.objects.filter(source=Source.TRIAL, entry__trial_grant__created_at__gte=moment)
    return granted.aggregate(total=Sum("credits"))["total"] or 0


def _spread(entry: LedgerEntry, lots: Iterable[tuple[UUID, int]], credits: int, *, sign: int) -> None:
    parts = []
    for lot_id, most in lots:
        part = min(most, credits)
        parts.append((lot_id, sign * part))
        credits -= part
        if not credits:
            break
    _allocate(entry, parts)


def _allocate(entry: LedgerEntry, parts: Iterable[tuple[UUID, int]]) -> None:
    LotAllocation.objects.bulk_create(
        LotAllocation(entry=entry, lot_id=lot_id, credits=credits) for lot_id, credits in parts if credits
    )
