"""Claim, lease, count: how the mail about a fact is sent once, whoever dies.

A claim is one conditional UPDATE: of many workers one hits the row. Right before the mail is handed to the server, the
try is counted as doubtful, and the doubt is taken away in the same UPDATE that records how it ended. A worker that dies
before the count costs nothing: the mail goes out once, later. One that dies between the count and the record leaves a
doubt that nobody can resolve: the mail may have left. It is tried once more, marked as a repeat, and no third time, so
a reader gets it at most twice. `docs/adr/0012` weighs this.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.notifications import rates
from apps.notifications.models import MailState, Notification
from canvascast.hints import QUICK, Hints
from canvascast.logs import get_logger

log = get_logger("mail")

MOST_TRIES = 8
MOST_DOUBTFUL = 2
# A mail that comes days late tells nothing any more.
TOLD_WITHIN = timedelta(days=3)
HINTS = Hints(Notification, task="apps.notifications.tasks.send", queue=QUICK)
# A conversation with a mail server is some ten exchanges, each with a deadline of its own.
_LEASES_FOR_THE_SERVER = 10
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 30.0, 6 * 3600.0
_MOST_GIVEN_UP_AT_ONCE = 16


class OverTheRate(Exception):
    """As many mails as may leave have left; `until` is when the next may."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class LeaseLost(Exception):
    """Another worker took the mail over, or its fact was taken back: nothing of this try may be written."""


@dataclass(frozen=True)
class Claim:
    """The right to send one mail until the lease ends. `doubtful` counts earlier tries that may have sent it."""

    notification: Notification
    holder: UUID
    tries: int
    doubtful: int


def claim(notification_id: UUID) -> Claim | None:
    """Take the mail if it is due or its worker fell silent; None when there is nothing to do."""
    holder = uuid4()
    taken = Notification.objects.filter(_claimable(), pk=notification_id).update(
        state=MailState.SENDING, holder=holder, tries=F("tries") + 1, lease_until=_lease(1)
    )
    row = Notification.objects.filter(pk=notification_id, holder=holder).first() if taken else None
    return Claim(row, holder, row.tries, row.doubtful_tries) if row else None


def begin_handover(claim: Claim) -> None:
    """Count the try as doubtful, and against the rates, before the server hears of it.

    Raises OverTheRate and LeaseLost. Of many workers one counts at a time, so that the rates are exact.
    """
    with transaction.atomic():
        rates.take_turns()
        if until := rates.next_allowed(claim.notification.user_id, at=timezone.now()):
            raise OverTheRate(until)
        columns = {"doubtful_tries": F("doubtful_tries") + 1, "handed_at": timezone.now()}
        _write(claim, **columns, lease_until=_lease(_LEASES_FOR_THE_SERVER))


def record_sent(claim: Claim) -> None:
    """Write down that the server took the mail. Raises LeaseLost."""
    _write(claim, **_over(MailState.SENT), doubtful_tries=claim.doubtful, sent_at=timezone.now(), reason="")


def postpone(claim: Claim, *, reason: str, is_doubtful: bool) -> None:
    """Try again later, or give up when the tries are used up. Raises LeaseLost.

    `is_doubtful` says that the mail may have left.
    """
    doubtful = claim.doubtful + is_doubtful
    if claim.tries >= MOST_TRIES or doubtful >= MOST_DOUBTFUL:
        give_up(claim, reason=reason, doubtful=doubtful)
        return
    # What may have arrived already is in no hurry, and the last chance is kept for when the trouble is over.
    rounds = claim.tries - 1 + (2 if is_doubtful else 0)
    wait = min(_FIRST_WAIT_SECONDS * 4**rounds, _LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.0)
    due_at = Now() + timedelta(seconds=wait)
    columns = {**_over(MailState.QUEUED), "due_at": due_at, "hinted_at": None}
    _write(claim, **columns, doubtful_tries=doubtful, reason=reason)


def hold(claim: Claim, *, until: datetime, reason: str = "rate") -> None:
    """Put it off because too many leave now, by our count or the server's; that is no try. Raises LeaseLost."""
    columns = {**_over(MailState.QUEUED), "due_at": until, "hinted_at": None, "tries": F("tries") - 1}
    _write(claim, **columns, doubtful_tries=claim.doubtful, reason=reason)


def drop(claim: Claim, *, reason: str) -> None:
    """End it without a mail, because none is wanted or none can be. Raises LeaseLost."""
    _write(claim, **_over(MailState.DROPPED), reason=reason)


def give_up(claim: Claim, *, reason: str, doubtful: int) -> None:
    """End it without a mail that was owed. Raises LeaseLost."""
    _write(claim, **_over(MailState.GIVEN_UP), reason=reason, doubtful_tries=doubtful)
    log.error("mail_given_up", notificationId=str(claim.notification.pk), reason=reason, tries=claim.tries)


def take_back_sent(notification_id: UUID, *, state: MailState, reason: str) -> None:
    """End it as not sent after all: the server took the mail, and told later that nobody was sent it."""
    sent = Notification.objects.filter(pk=notification_id, state=MailState.SENT)
    if sent.update(state=state, sent_at=None, reason=reason) and state == MailState.GIVEN_UP:
        log.error("mail_given_up", notificationId=str(notification_id), reason=reason)


def withdraw(notifications: QuerySet[Notification]) -> None:
    """Send none of these that has not left yet; a worker that holds one finds its lease lost."""
    unsent = notifications.filter(state__in=[MailState.QUEUED, MailState.SENDING])
    unsent.update(**_over(MailState.DROPPED), reason="withdrawn")


def sweep() -> None:
    """Find again what was lost: mails whose hint vanished, whose worker died, or whose worker dies every time.

    The worker supervisor calls it every second. Running it twice at once does no harm.
    """
    _give_up_exhausted()
    due = Notification.objects.filter(_claimable()).order_by("created_at")
    HINTS.send_forgotten(due, again_after=timedelta(seconds=settings.LEASE_SECONDS))


def _give_up_exhausted() -> None:
    exhausted = Notification.objects.filter(_silent(), ~_has_tries_left())
    for notification_id in exhausted.values_list("pk", flat=True)[:_MOST_GIVEN_UP_AT_ONCE]:
        ended = exhausted.filter(pk=notification_id).update(**_over(MailState.GIVEN_UP), reason="worker_lost")
        if ended:
            log.error("mail_given_up", notificationId=str(notification_id), reason="worker_lost")


def _claimable() -> Q:
    return _has_tries_left() & (Q(state=MailState.QUEUED, due_at__lte=Now()) | _silent())


def _has_tries_left() -> Q:
    return Q(tries__lt=MOST_TRIES, doubtful_tries__lt=MOST_DOUBTFUL)


def _silent() -> Q:
    return Q(state=MailState.SENDING, lease_until__lt=Now())


def _lease(times: int) -> Any:  # Any: a moment by the database's clock
    return Now() + timedelta(seconds=settings.LEASE_SECONDS * times)


def _over(state: MailState) -> dict[str, Any]:  # Any: values of Notification's own columns
    return {"state": state, "holder": None, "lease_until": None}


def _write(claim: Claim, **columns: Any) -> None:  # Any: as above
    held = Notification.objects.filter(pk=claim.notification.pk, holder=claim.holder)
    if held.update(**columns) != 1:
        raise LeaseLost(f"notification {claim.notification.pk}")
