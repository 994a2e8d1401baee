"""One mail from its claim to its record."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.utils import timezone

from apps.accounts.queries import address_of
from apps.notifications import outbox, post, rates
from apps.notifications.letters import LETTERS, compose
from apps.notifications.models import Event, Notification
from apps.notifications.outbox import Claim, LeaseLost
from apps.notifications.queries import is_wanted, suppression_of
from apps.notifications.refusals import Busy, NotSent, Refused
from canvascast.logs import get_logger

log = get_logger("mail")


def send(notification_id: UUID) -> None:
    """Send the mail if it is due and wanted; of many calls at once one does."""
    claim = outbox.claim(notification_id)
    if claim is None:
        return
    with suppress(LeaseLost):
        _send_claimed(claim)


def _send_claimed(claim: Claim) -> None:
    notification = claim.notification
    address = address_of(notification.user_id)
    if reason := _reason_to_drop(notification, address):
        outbox.drop(claim, reason=reason)
        return
    assert address is not None
    # Looked at before a line to the server is opened, and again, exactly, when the mail is handed over.
    if until := rates.next_allowed(notification.user_id, at=timezone.now()):
        outbox.hold(claim, until=until)
        return
    message = compose(notification, address, is_repeat=claim.doubtful > 0)
    try:
        with post.server() as server:
            outbox.begin_handover(claim)
            server.deliver(message)
    except outbox.OverTheRate as error:
        outbox.hold(claim, until=error.until)
        log.info("mail_held", notificationId=str(notification.pk), until=error.until.isoformat())
    except Refused as error:
        outbox.give_up(claim, reason=error.reason, doubtful=claim.doubtful)
    except NotSent as error:
        _try_again(claim, error)
        log.warning("mail_postponed", notificationId=str(notification.pk), reason=error.reason, tries=claim.tries)
    else:
        outbox.record_sent(claim)
        log.info("mail_sent", notificationId=str(notification.pk), mailEvent=notification.event, tries=claim.tries)


def _try_again(claim: Claim, error: NotSent) -> None:
    """Wait until the moment that the server named, for some days at most, or as long as the number of tries says."""
    is_young = timezone.now() - claim.notification.created_at < outbox.TOLD_WITHIN
    if isinstance(error, Busy) and is_young:
        outbox.hold(claim, until=error.until, reason=error.reason)
    else:
        outbox.postpone(claim, reason=error.reason, is_doubtful=error.is_doubtful)


def _reason_to_drop(notification: Notification, address: str | None) -> str:
    """Return why nothing is to be sent, judged at the last moment; empty when it is."""
    if address is None:
        return "no_address"
    if suppression := suppression_of(address):
        return suppression.reason
    switch = LETTERS[Event(notification.event)].switch
    # A receipt is owed however late it comes.
    if switch and timezone.now() - notification.created_at > outbox.TOLD_WITHIN:
        return "too_late"
    return "" if is_wanted(notification, switch) else "unwanted"
