"""The only writer of credits.

Every function runs in the caller's transaction or in one of its own, under the lock of the user's wallet. Each movement
has a key; asked for a second time, a function changes nothing and returns what it returned the first time. Locks are
taken in the order job, trial budget, wallet. Triggers number the rows, fold them into wallet and lots, and refuse what
does not add up.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from apps.accounts.models import User
from apps.billing import lots, trials
from apps.billing.models import Kind, LedgerEntry, Source, TrialGrant, Wallet
from apps.billing.refusals import DebtOwed, InsufficientCredits
from apps.notifications.actions import record
from apps.notifications.models import Event
from canvascast.logs import get_logger

__all__ = [
    "LOW_CREDITS",
    "DebtOwed",
    "InsufficientCredits",
    "adjust",
    "expire_lots",
    "finalize",
    "forget_titles",
    "grant",
    "grant_trial",
    "lock_wallet",
    "purchase",
    "refund",
    "release",
    "reserve",
]

log = get_logger("billing")

LOW_CREDITS = 5
_TRIAL_LOCK = 20_261_124
_LOTS_A_CALL = 500


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


def grant_trial(*, user_id: UUID, mailbox: str, at: datetime) -> LedgerEntry | None:
    """Give the trial credits, once a user and once a normalised mailbox.

    None when either had them, when the mail service is a throw-away one, or when today's budget (UTC) is spent.
    """
    if trials.is_disposable(mailbox):
        return None
    with transaction.atomic():
        # One after the other, because the budget is a sum over all of today's trials.
        _lock_until_commit(_TRIAL_LOCK)
        key, digest = f"trial:{user_id}", trials.mailbox_hmac(mailbox)
        if _entry_of(key, user_id) or TrialGrant.objects.filter(pk=digest).exists() or not _budget_allows_trial(at):
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
        if first := _entry_of(key, user_id):
            return first
        if wallet.debt:
            raise DebtOwed(credits, wallet.debt)
        if not credits:
            return None
        _require_available(wallet, credits, at)
        entry = _write(
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
        if first := _entry_of(key, user_id):
            return first
        _expire_due(wallet, at)
        taken = min(credits, wallet.available)
        entry = _write(wallet, Kind.REFUND, key, at, d_available=-taken, d_debt=taken - credits, reason=reason[:300])
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
        if first := _entry_of(key, user_id):
            return first
        _require_available(wallet, -credits, at)
        entry = _write(wallet, Kind.ADJUST, key, at, d_available=credits, reason=reason[:300], by=by)
        lots.take(entry, at=at)
        return entry


def expire_lots(*, at: datetime) -> int:
    """Expire what remains of lots whose time is over, at most 500 lots a call. Returns how many lots."""
    due = lots.due_lots(at).values_list("user_id", flat=True)[:_LOTS_A_CALL]
    return sum(_expire_lots_of(user_id, at) for user_id in dict.fromkeys(due))


def forget_titles(*, user_id: UUID) -> int:
    """Blank the titles of a user who is erased; the amounts stay. Returns how many."""
    return LedgerEntry.objects.filter(user_id=user_id).exclude(title="").update(title="")


def lock_wallet(user_id: UUID) -> Wallet:
    """Lock the user's wallet until the transaction ends, and return it; an empty one is made where there is none."""
    wallets = Wallet.objects.select_for_update()
    if (wallet := wallets.filter(pk=user_id).first()) is not None:
        return wallet
    Wallet.objects.bulk_create([Wallet(pk=user_id)], ignore_conflicts=True)
    return wallets.get(pk=user_id)


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
        if first := _entry_of(key, user_id):
            return first
        repaid = min(wallet.debt, credits)
        entry = _write(wallet, kind, key, at, d_available=credits - repaid, d_debt=repaid, reason=reason[:300], by=by)
        lots.open_lot(entry, source=source, credits=credits, expires_at=expires_at, at=at)
        return entry


def _settle(kind: Kind, job_id: UUID, cost: int, title: str, at: datetime) -> LedgerEntry | None:
    with transaction.atomic():
        reservation = LedgerEntry.objects.filter(job_id=job_id, kind=Kind.RESERVE).first()
        if reservation is None:
            return None
        wallet = lock_wallet(reservation.user_id)
        if first := _entry_of(f"settle:{job_id}", reservation.user_id):
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
        log.warning("credits_overrun", traceId=str(reservation.job_id), reserved=reserved, overrun=overrun)
    back = reserved - charged
    repaid = min(wallet.debt, back)
    return _write(
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


def _expire_lots_of(user_id: UUID, at: datetime) -> int:
    with transaction.atomic():
        return _expire_due(lock_wallet(user_id), at)


def _expire_due(wallet: Wallet, at: datetime) -> int:
    due = list(lots.due_lots(at).filter(user_id=wallet.pk)[:_LOTS_A_CALL])
    for lot in due:
        # A lot expires again when something that was held comes back to it, hence the number in the key.
        key = f"expire:{lot.pk}:{wallet.last_seq + 1}"
        lots.take_expired(_write(wallet, Kind.EXPIRE, key, at, d_available=-lot.remaining), lot)
    return len(due)


def _entry_of(key: str, user_id: UUID) -> LedgerEntry | None:
    """Find the movement made under the key. Raises ValueError when it is somebody else's: keys are not to be reused."""
    entry = LedgerEntry.objects.filter(idempotency_key=key).first()
    if entry is not None and entry.user_id != user_id:
        raise ValueError(f"the key of ledger row {entry.pk} was used for another user")
    return entry


def _require_positive(credits: int) -> None:
    if credits <= 0:
        raise ValueError(f"{credits} credits cannot be moved")


def _require_available(wallet: Wallet, credits: int, at: datetime) -> None:
    _expire_due(wallet, at)
    if wallet.available < credits:
        raise InsufficientCredits(credits, wallet.available)


def _write(
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
    if after < LOW_CREDITS <= before:
        record(user_id=entry.user_id, event=Event.LOW_CREDITS, key=key, facts=facts, at=entry.created_at)
    if after == 0 < before:
        record(user_id=entry.user_id, event=Event.CREDITS_DEPLETED, key=key, facts=facts, at=entry.created_at)


def _budget_allows_trial(at: datetime) -> bool:
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    spent = lots.trial_credits_since(today)
    return spent + settings.TRIAL_CREDITS <= settings.TRIAL_BUDGET_CREDITS


def _lock_until_commit(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
