"""The border to the mail server: what its backends raise, sorted by whether the mail can have left."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests
from anymail.backends.base import AnymailBaseBackend
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from urllib3.exceptions import NewConnectionError

from apps.notifications import resend
from apps.notifications.refusals import NotSent, Refused
from canvascast.mail import MAIL_TROUBLE

_PERMANENT_FROM = 500


class MailServer:
    """An open way to send; for servers that keep a line open, the line."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def deliver(self, message: EmailMultiAlternatives) -> None:
        """Return when the server took the mail, now or at an earlier try. Raises NotSent, Refused and Busy."""
        if isinstance(self._backend, AnymailBaseBackend):
            # Whether a vendor's API takes this header from us is not documented; it gives mails an id of its own.
            key = message.extra_headers.pop("Message-ID", "")
            message.idempotency_key = key  # type: ignore[attr-defined]  # read by the backend
        try:
            self._backend.send_messages([message])
        except MAIL_TROUBLE as error:
            if not resend.is_taken_already(error):
                raise _judged(error) from error


@contextmanager
def server() -> Iterator[MailServer]:
    """Open the configured way to send mail. Raises NotSent when the server cannot be reached."""
    backend = get_connection()
    try:
        backend.open()
        if isinstance(backend, SmtpBackend) and backend.connection:
            # Without a login or TLS the greeting would wait for the mail, and its failure look like the mail's.
            backend.connection.ehlo_or_helo_if_needed()
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent("unreachable", is_doubtful=False) from error
    try:
        yield MailServer(backend)
    finally:
        # What was taken stays taken, however the goodbye goes.
        with suppress(smtplib.SMTPException, OSError):
            backend.close()


def _judged(error: Exception) -> NotSent:
    match error:
        case smtplib.SMTPRecipientsRefused() if _is_permanent(error):
            return Refused()
        case AnymailRecipientsRefused():
            return Refused()
        case smtplib.SMTPRecipientsRefused() | smtplib.SMTPResponseException():
            return NotSent("server_refused", is_doubtful=False)
        case AnymailAPIError() if error.status_code is not None:
            return resend.judged(error)
        case requests.ConnectionError() if _never_connected(error):
            return NotSent("unreachable", is_doubtful=False)
    return NotSent("no_answer", is_doubtful=True)


def _is_permanent(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= _PERMANENT_FROM for code, _ in error.recipients.values())


def _never_connected(error: requests.ConnectionError) -> bool:
    cause = error.__cause__
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
