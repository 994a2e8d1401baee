"""How credits and their movements are said to the customer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.utils.formats import date_format

from apps.billing.models import CreditLot, Kind, LedgerEntry, Source
from apps.billing.rollover import RENEWAL
from canvascast.amounts import credits_in_words

DISPUTED = "disputed"
DISPUTE_WON = "dispute won"
REFUND_FAILED = "refund failed"

_SOURCES = {
    Source.TRIAL: "welcome",
    Source.GIFT: "gift",
    Source.PACK: "bought",
    Source.PLAN: "plan",
}


def with_true_minus(credits: int) -> str:
    """Return the amount with a minus sign that is read out, which a hyphen is not: "12", "−4"."""
    return str(credits).replace("-", "−")


def signed(credits: int) -> str:
    """Return what a movement did to the balance: "+10", "−4", "0"."""
    return f"+{credits}" if credits > 0 else with_true_minus(credits)


def lot_in_words(lot: CreditLot) -> str:
    """Return what is left of credits that came together: "8 of 10 welcome credits, good until 3 March 2027"."""
    count = credits_in_words(lot.credits)
    named = count.replace(" ", f" {_SOURCES[Source(lot.source)]} ", 1)
    left = named if lot.remaining == lot.credits else f"{lot.remaining} of {named}"
    if lot.expires_at is None:
        return f"{left}, no end date"
    return f"{left}, good until {date_format(last_day(lot.expires_at), 'j F Y')}"


def last_day(expires_at: datetime) -> date:
    """Return the last day (UTC) on which credits are good: of those that end with a day, that day."""
    return (expires_at - timedelta(microseconds=1)).astimezone(UTC).date()


def words_for(entry: LedgerEntry) -> str:
    """Return what a movement was, for the user's history; its lot is fetched with it where there is one."""
    paid = f" · {entry.d_debt} paid what was owed" if entry.d_debt > 0 else ""
    return _WORDS[Kind(entry.kind)](entry) + paid


def _grant(entry: LedgerEntry) -> str:
    if entry.lot.source == Source.TRIAL:
        return "Welcome credits"
    if entry.lot.source == Source.PLAN:
        return f"{credits_in_words(-entry.d_external)} of last month carried over"
    if entry.reason == DISPUTE_WON:
        return "Dispute decided for the purchase, credits back"
    if entry.reason == REFUND_FAILED:
        return "Refund did not reach you, credits back"
    return f"Gift from support{_quoted_reason(entry)}"


def _purchase(entry: LedgerEntry) -> str:
    bought = credits_in_words(-entry.d_external)
    return f"Your plan: {bought}" if entry.lot.source == Source.PLAN else f"Bought {bought}"


def _reserve(entry: LedgerEntry) -> str:
    return f"{_video(entry)} — set aside"


def _finalize(entry: LedgerEntry) -> str:
    used = entry.d_external
    back = -entry.d_held - used
    if not back:
        return f"{_video(entry)} — {'all ' if used > 1 else ''}{used} used"
    return f"{_video(entry)} — {back} back, {used} used"


def _release(entry: LedgerEntry) -> str:
    return f"{_video(entry)} — stopped by us, all back"


def _refund(entry: LedgerEntry) -> str:
    owed = f" · {-entry.d_debt} owed" if entry.d_debt < 0 else ""
    what = "Payment disputed, taken back:" if entry.reason == DISPUTED else "Refunded"
    return f"{what} {credits_in_words(entry.d_external)}{owed}"


def _adjust(entry: LedgerEntry) -> str:
    return f"Correction by support{_quoted_reason(entry)}"


def _expire(entry: LedgerEntry) -> str:
    if entry.idempotency_key.startswith(RENEWAL):
        return f"{credits_in_words(entry.d_external)} of your plan unused when the month ended"
    return f"{credits_in_words(entry.d_external)} expired"


_WORDS = {
    Kind.GRANT: _grant,
    Kind.PURCHASE: _purchase,
    Kind.RESERVE: _reserve,
    Kind.FINALIZE: _finalize,
    Kind.RELEASE: _release,
    Kind.REFUND: _refund,
    Kind.ADJUST: _adjust,
    Kind.EXPIRE: _expire,
}


def _video(entry: LedgerEntry) -> str:
    return f"“{entry.title}”" if entry.title else "Untitled video"


def _quoted_reason(entry: LedgerEntry) -> str:
    return f": “{entry.reason}”" if entry.reason else ""
