"""Where mail goes, and what goes wrong with one that somebody waits for, as a code to log in."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.conf import settings

MAIL_TROUBLE = (AnymailAPIError, AnymailRecipientsRefused, smtplib.SMTPException, OSError)
"""What the backends raise when a mail is not taken."""


class MailUnavailable(Exception):
    """The mail was not taken; trying again may help."""


def mail_goes_to() -> str:
    """Return what takes our mail in one word: resend, smtp, or console and filebased where it stays on this machine."""
    return str(settings.EMAIL_BACKEND).removesuffix(".EmailBackend").rpartition(".")[2]


def kept_mail_folder() -> Path | None:
    """Return the folder in which mail is kept, None where it leaves this machine."""
    return Path(settings.EMAIL_FILE_PATH) if mail_goes_to() == "filebased" else None


@contextmanager
def named_mail_trouble() -> Iterator[None]:
    """Raise MailUnavailable for whatever kept a mail from leaving; its message is no more than the kind."""
    try:
        yield
    except MAIL_TROUBLE as error:
        raise MailUnavailable(type(error).__name__) from error
