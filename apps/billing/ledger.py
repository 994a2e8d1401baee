"""The only writer of credits.

Every function runs in the caller's transaction or in one of its own, under the lock of the user's wallet. Each movement
has a key; asked for a second time, a function changes nothing and returns what it returned the first time. Locks are
taken in the order job, trial budget, wallet. Triggers number the rows, fold them into wallet and lots, and refuse what
does not add up.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.billing import lots, trials
from apps.billing.entries import entry_of, lock_wallet, write_entry
from apps.billing.models import Kind, LedgerEntry, Source, TrialGrant, Wallet
from apps.billing.refusals import DebtOwed, InsufficientCredits
from apps.billing.rollover import RENEWAL, ROLLOVER, expired_since, open_plan_lots
from canvascast.logs import get_logger

__all__ = [
    "DebtOwed",
    "InsufficientCredits",
    "adjust",
    "expire_lots",
    "expire_lots_of",
    "finalize",
    "forget_titles",
    "grant",
    "grant_trial",
    "purchase",
    "refund",
    "release",
    "renew_plan",
    "reserve",
]

log = get_logger("billing")

_USERS_A_CALL = 500
# A film of 1:02 for a minute that was asked begins a second one; more than that, and quote or cost is wrong.
_MINUTE_BEGUN = 1


def grant(
    *,
    user_id: UUID,
    credits: int,
    source: Source,
    reason: str,
    key: str,
    at: datetime,
    by: User | None = None,
    expires_at: datetime | None = None,
) -> LedgerEntry:
    """Give credits as a new lot; what is owed is paid first. Raises ValueError unless `credits` > 0."""
    return _add(Kind.GRANT, user_id, credits, source, reason, key, at, by=by, expires_at=expires_at)


def purchase(
    *,
    user_id: UUID,
    credits: int,
    source: Source,
    reason: str,
    key: str,
    expires_at: datetime | None,
    at: datetime,
) -> LedgerEntry:
    """Add credits that were paid for as a new lot; what is owed is paid first. Raises ValueError unless > 0."""
    return _add(Kind.PURCHASE, user_id, credits, source, reason, key, at, expires_at=expires_at)


def renew_plan(
    *,
    user_id: UUID,
    credits: int,
    rollover: int,
    reason: str,
    key: str,
    began_at: datetime,
    expires_at: datetime,
    at: datetime,
) -> tuple[LedgerEntry, int]:
    """Add a new month's credits, end what is left of earlier months, and give back at most `rollover` of that.

    All of it lasts until `expires_at`. What the clock took since the month `began_at` counts as left. Returns the row
    of the new credits and how many were carried over; asked again for the same month, that row and 0.
    """
    with transaction.atomic():
        wallet = lock_wallet(user_id)
        if first := entry_of(key, user_id):
            return first, 0
        left = expired_since(user_id, began_at)
        for lot in open_plan_lots(user_id, began_at):
            ended = write_entry(wallet, Kind.EXPIRE, f"{RENEWAL}{key}:{lot.pk}", at, d_available=-lot.remaining)
            lots.take_expired(ended, lot)
            left += lot.remaining
        carried = min(left, rollover)
        if carried:
            _add(Kind.GRANT, user_id, carried, Source.PLAN, reason, f"{ROLLOVER}{key}", at, expires_at=expires_at)
        entry = _add(Kind.PURCHASE, user_id, credits, Source.PLAN, reason, key, at, expires_at=expires_at)
        return entry, carried


def grant_trial(*, user_id: UUID, mailbox: str, at: datetime) -> LedgerEntry | None:
    """Give the trial credits, once a user and once a normalised mailbox.

    None when either had them, when the mail service is a throw-away one, or when today's budget (UTC) is spent.
    """
    if trials.is_disposable(mailbox):
        return None
    with transaction.atomic():
        trials.take_turns()
        key, digest = f"trial:{user_id}", trials.mailbox_hmac(mailbox)
        had_one = entry_of(key, user_id) or TrialGrant.objects.filter(pk=digest).exists()
        if had_one or not trials.is_within_budget(at):
            return None
        entry = grant(
            user_id=user_id, credits=settings.TRIAL_CREDITS, source=Source.TRIAL, reason="Welcome", key=key, at=at
        )
        TrialGrant.objects.create(mailbox_hmac=digest, entry=entry, created_at=at)
        return entry


def reserve(
    *, user_id: UUID, job_id: UUID, project_id: UUID, title: str, credits: int, at: datetime
) -> LedgerEntry | None:
    """Set credits aside for a video, those that expire first first. None when the video costs nothing.

    Raises DebtOwed while anything is owed and InsufficientCredits when less is available.
    """
    if credits < 0:
        raise ValueError(f"{credits} credits cannot be set aside")
    key = f"reserve:{job_id}"
    with transaction.atomic():
        wallet = lock_wallet(user_id)
        if first := entry_of(key, user_id):
            return first
        if wallet.debt:
            raise DebtOwed(credits, wallet.debt)
        if not credits:
            return None
        _require_available(wallet, credits, at)
        entry = write_entry(
            wallet,
            Kind.RESERVE,
            key,
            at,
            d_available=-credits,
            d_held=credits,
            job_id=job_id,
            project_id=project_id,
            title=title[:200],
        )
        lots.take(entry, at=at)
        return entry


def finalize(*, job_id: UUID, credits: int, at: datetime, title: str = "") -> int:
    """Charge a finished or stopped video at most what was set aside for it and give the rest back.

    Returns what was charged, 0 for a video that has no reservation. What it cost above the reservation is recorded with
    the movement and logged. A video that is settled already keeps its settlement. Raises ValueError if `credits` < 0.
    """
    if credits < 0:
        raise ValueError(f"{credits} credits cannot be charged")
    settlement = _settle(Kind.FINALIZE, job_id, credits, title, at)
    return settlement.d_external if settlement else 0


def release(*, job_id: UUID, at: datetime) -> None:
    """Give back all that was set aside for a video that failed, unless it is settled already."""
    _settle(Kind.RELEASE, job_id, 0, "", at)


def refund(*, user_id: UUID, credits: int, reason: str, key: str, at: datetime, purchase_key: str = "") -> LedgerEntry:
    """Take back credits whose price was paid back, first from the lot of `purchase_key`; what is gone is owed.

    Raises ValueError unless `credits` > 0.
    """
    _require_positive(credits)
    with transaction.atomic():
        wallet = lock_wallet(user_id)
        if first := entry_of(key, user_id):
            return first
        _expire_due(wallet, at)
        taken = min(credits, wallet.available)
        entry = write_entry(
            wallet, Kind.REFUND, key, at, d_available=-taken, d_debt=taken - credits, reason=reason[:300]
        )
        lots.take(entry, at=at, first=purchase_key)
        return entry


def adjust(*, user_id: UUID, credits: int, reason: str, key: str, by: User, at: datetime) -> LedgerEntry:
    """Correct a balance by hand, up (`credits` > 0) or down.

    Raises InsufficientCredits when more is taken than is available, ValueError when `credits` is 0.
    """
    if credits > 0:
        return _add(Kind.ADJUST, user_id, credits, Source.GIFT, reason, key, at, by=by)
    _require_positive(-credits)
    with transaction.atomic():
        wallet = lock_wallet(user_id)
        if first := entry_of(key, user_id):
            return first
        _require_available(wallet, -credits, at)
        entry = write_entry(wallet, Kind.ADJUST, key, at, d_available=credits, reason=reason[:300], by=by)
        lots.take(entry, at=at)
        return entry


def expire_lots(*, at: datetime) -> int:
    """Expire what remains of lots whose time is over, for at most 500 users a call. Returns how many lots.

    Each user's lots expire in a transaction of their own; inside another one, wallets stay locked until its end.
    """
    due = lots.due_lots(at).values_list("user_id", flat=True)[:_USERS_A_CALL]
    return sum(expire_lots_of(user_id=user_id, at=at) for user_id in dict.fromkeys(due))


def expire_lots_of(*, user_id: UUID, at: datetime) -> int:
    """Expire what remains of a user's lots whose time is over, and return how many; see `expire_lots` for the lock."""
    with transaction.atomic():
        return _expire_due(lock_wallet(user_id), at)


def forget_titles(*, user_id: UUID) -> int:
    """Blank the titles of a user who is erased; the amounts stay. Returns how many."""
    return LedgerEntry.objects.filter(user_id=user_id).exclude(title="").update(title="")


def _add(
    kind: Kind,
    user_id: UUID,
    credits: int,
    source: Source,
    reason: str,
    key: str,
    at: datetime,
    *,
    by: User | None = None,
    expires_at: datetime | None = None,
) -> LedgerEntry:
    _require_positive(credits)
    with transaction.atomic():
        wallet = lock_wallet(user_id)
        if first := entry_of(key, user_id):
            return first
        repaid = min(wallet.debt, credits)
        entry = write_entry(
            wallet, kind, key, at, d_available=credits - repaid, d_debt=repaid, reason=reason[:300], by=by
        )
        lots.open_lot(entry, source=source, credits=credits, expires_at=expires_at, at=at)
        return entry


def _settle(kind: Kind, job_id: UUID, cost: int, title: str, at: datetime) -> LedgerEntry | None:
    with transaction.atomic():
        reservation = LedgerEntry.objects.filter(job_id=job_id, kind=Kind.RESERVE).first()
        if reservation is None:
            return None
        wallet = lock_wallet(reservation.user_id)
        if first := entry_of(f"settle:{job_id}", reservation.user_id):
            return first
        entry = _write_settlement(wallet, kind, reservation, cost, title, at)
        lots.give_back(entry, reserved_by=reservation)
        return entry


def _write_settlement(
    wallet: Wallet, kind: Kind, reservation: LedgerEntry, cost: int, title: str, at: datetime
) -> LedgerEntry:
    reserved = reservation.d_held
    charged, overrun = min(cost, reserved), max(0, cost - reserved)
    if overrun:
        tell = log.error if overrun > _MINUTE_BEGUN else log.info
        tell("credits_overrun", traceId=str(reservation.job_id), reserved=reserved, overrun=overrun)
    back = reserved - charged
    repaid = min(wallet.debt, back)
    return write_entry(
        wallet,
        kind,
        f"settle:{reservation.job_id}",
        at,
        d_available=back - repaid,
        d_held=-reserved,
        d_debt=repaid,
        overrun=overrun,
        job_id=reservation.job_id,
        project_id=reservation.project_id,
        title=title[:200] or reservation.title,
    )


def _expire_due(wallet: Wallet, at: datetime) -> int:
    due = list(lots.due_lots(at).filter(user_id=wallet.pk))
    for lot in due:
        # A lot expires again when something that was held comes back to it, hence the number in the key.
        key = f"expire:{lot.pk}:{wallet.last_seq + 1}"
        lots.take_expired(write_entry(wallet, Kind.EXPIRE, key, at, d_available=-lot.remaining), lot)
    return len(due)


def _require_positive(credits: int) -> None:
    if credits <= 0:
        raise ValueError(f"{credits} credits cannot be moved")


def _require_available(wallet: Wallet, credits: int, at: datetime) -> None:
    _expire_due(wallet, at)
    if wallet.available < credits:
        raise InsufficientCredits(credits, wallet.available)
