"""Who may have trial credits: a mailbox that nobody can make by the dozen."""

from __future__ import annotations

from disposable_email_domains import blocklist
from django.conf import settings
from django.utils.crypto import salted_hmac


def is_disposable(mailbox: str) -> bool:
    """Tell whether the mailbox's domain, or one above it, is on the shipped list of throw-away mail services."""
    labels = mailbox.rpartition("@")[2].split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def mailbox_hmac(mailbox: str) -> str:
    """Return what is kept of a normalised mailbox: enough to know it again, not enough to read it."""
    key = settings.MAILBOX_HMAC_KEY
    return salted_hmac("canvascast.billing.trials", mailbox, secret=key, algorithm="sha256").hexdigest()
