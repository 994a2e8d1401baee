"""What goes wrong with a mail that somebody waits for, as a code to log in."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

MAIL_TROUBLE = (AnymailAPIError, AnymailRecipientsRefused, smtplib.SMTPException, OSError)
"""What the backends raise when a mail is not taken."""


class MailUnavailable(Exception):
    """The mail was not taken; trying again may help."""


@contextmanager
def named_mail_trouble() -> Iterator[None]:
    """Raise MailUnavailable for whatever kept a mail from leaving; its message is no more than the kind."""
    try:
        yield
    except MAIL_TROUBLE as error:
        raise MailUnavailable(type(error).__name__) from error
