"""Rows of the ledger as the ledger writes them: under the wallet's lock, once a key, telling the user of a drop."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from apps.billing.models import Kind, LedgerEntry, Wallet
from apps.notifications.actions import record
from apps.notifications.models import Event

_LOW_CREDITS = 5


def lock_wallet(user_id: UUID) -> Wallet:
    """Lock the user's wallet until the transaction ends, and return it; an empty one is made where there is none."""
    wallets = Wallet.objects.select_for_update()
    if (wallet := wallets.filter(pk=user_id).first()) is not None:
        return wallet
    Wallet.objects.bulk_create([Wallet(pk=user_id)], ignore_conflicts=True)
    return wallets.get(pk=user_id)


def entry_of(key: str, user_id: UUID) -> LedgerEntry | None:
    """Find the movement made under the key. Raises ValueError when it is somebody else's: keys are not to be reused."""
    entry = LedgerEntry.objects.filter(idempotency_key=key).first()
    if entry is not None and entry.user_id != user_id:
        raise ValueError(f"the key of ledger row {entry.pk} was used for another user")
    return entry


def write_entry(
    wallet: Wallet,
    kind: Kind,
    key: str,
    at: datetime,
    *,
    d_available: int = 0,
    d_held: int = 0,
    d_debt: int = 0,
    **facts: object,
) -> LedgerEntry:
    """Write one row for a wallet that the caller has locked, bring `wallet` up to date, and note a drop.

    The caller also writes the lots' part of the movement: the database compares both when the transaction ends.
    """
    entry = LedgerEntry.objects.create(
        user_id=wallet.pk,
        kind=kind,
        d_available=d_available,
        d_held=d_held,
        d_debt=d_debt,
        d_external=-(d_available + d_held + d_debt),
        idempotency_key=key,
        created_at=at,
        **facts,
    )
    before = wallet.available
    wallet.available += d_available
    wallet.held += d_held
    wallet.debt -= d_debt
    wallet.last_seq = entry.seq
    _note_drop(entry, before, wallet.available)
    return entry


def _note_drop(entry: LedgerEntry, before: int, after: int) -> None:
    facts = {"available": after}
    key = f"ledger row {entry.seq}"
    if after < _LOW_CREDITS <= before:
        record(user_id=entry.user_id, event=Event.LOW_CREDITS, key=key, facts=facts, at=entry.created_at)
    if after == 0 < before:
        record(user_id=entry.user_id, event=Event.CREDITS_DEPLETED, key=key, facts=facts, at=entry.created_at)
