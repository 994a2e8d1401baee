"""What support does with credits; the ledger writes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.billing import ledger
from apps.billing.entries import lock_wallet
from apps.billing.models import LedgerEntry, Source
from apps.billing.payments import inbox
from canvascast.errors import Invalid, Refused

MOST_CREDITS = 10_000
sweep = inbox.sweep


class AlreadyGiven(Refused):
    """The same gift, with the same reason, was given on the same day: a second press of the same button."""

    def __init__(self) -> None:
        super().__init__("These credits were given today already. For more, give another reason.")


def give_credits(
    *, user_id: UUID, credits: int, reason: str, by: User | None, at: datetime, expires_at: datetime | None = None
) -> LedgerEntry:
    """Give credits as a gift of support, noted with who gave them and why.

    Raises Invalid for an amount, reason or expiry that cannot be, AlreadyGiven for the same gift on the same day.
    """
    require_fit(credits=credits, reason=reason, expires_at=expires_at, at=at)
    key = _key_of_gift(user_id, credits, reason, at)
    with transaction.atomic():
        # Under the wallet's lock: of two presses at once, the second sees the first.
        lock_wallet(user_id)
        if LedgerEntry.objects.filter(idempotency_key=key).exists():
            raise AlreadyGiven
        return ledger.grant(
            user_id=user_id,
            credits=credits,
            source=Source.GIFT,
            reason=reason,
            key=key,
            by=by,
            expires_at=expires_at,
            at=at,
        )


def require_fit(*, credits: int, reason: str, expires_at: datetime | None, at: datetime) -> None:
    """Raise Invalid, with a sentence a field, unless such a gift could be given."""
    wrong = {}
    if not 1 <= credits <= MOST_CREDITS:
        wrong["credits"] = f"Give between 1 and {MOST_CREDITS} credits."
    if not 1 <= len(reason.strip()) <= 300:
        wrong["reason"] = "Say why, in at most 300 characters; the user reads it."
    if expires_at is not None and expires_at <= at:
        wrong["expires_at"] = "Credits can expire in the future only."
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)


def _key_of_gift(user_id: UUID, credits: int, reason: str, at: datetime) -> str:
    digest = hashlib.sha256(f"{credits} {reason.strip()}".encode()).hexdigest()[:16]
    return f"gift:{user_id}:{at.date()}:{digest}"
