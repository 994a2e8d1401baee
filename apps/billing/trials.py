"""Who may have trial credits: mailboxes that nobody makes by the dozen, as many a day as there is budget for."""

from __future__ import annotations

from datetime import UTC, datetime

from disposable_email_domains import blocklist
from django.conf import settings
from django.utils.crypto import salted_hmac

from apps.billing import lots
from apps.billing.models import TrialGrant
from canvascast.advisory_locks import until_commit
from canvascast.logs import get_logger

log = get_logger("billing")

_WITHOUT = "Your account starts without welcome credits:"


def is_disposable(mailbox: str) -> bool:
    """Tell whether the mailbox's domain, or one above it, is on the shipped list of throw-away mail services."""
    labels = mailbox.rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def mailbox_hmac(mailbox: str) -> str:
    """Return what is kept of a normalised mailbox: enough to know it again, not enough to read it."""
    key = settings.MAILBOX_HMAC_KEY
    return salted_hmac("canvascast.billing.trials", mailbox, secret=key, algorithm="sha256").hexdigest()


def take_turns() -> None:
    """Let one transaction at a time grant trials, for the budget is a sum over all of today's."""
    until_commit("trials")


def is_within_budget(at: datetime) -> bool:
    """Tell whether one more trial fits into the budget of the day (UTC); log it when not."""
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    granted = lots.trial_credits_since(today)
    if granted + settings.TRIAL_CREDITS <= settings.TRIAL_BUDGET_CREDITS:
        return True
    log.warning("trial_budget_spent", granted=granted)
    return False


def why_none(mailbox: str) -> str:
    """Return, for a newcomer with this mailbox who got no trial just now, the reason in a sentence."""
    if is_disposable(mailbox):
        return f"{_WITHOUT} they are not given to addresses that are made to last a short time only."
    if TrialGrant.objects.filter(pk=mailbox_hmac(mailbox)).exists():
        return f"{_WITHOUT} this mailbox had them before."
    return f"{_WITHOUT} today’s are all given out. They come when you log in on a day that has some left."
