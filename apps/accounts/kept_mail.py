"""Reads the folder that Django's file backend writes mail to."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

SHOWN_MAX = 50
_LINE_BETWEEN_MAILS = b"-" * 79


@dataclass(frozen=True)
class KeptMail:
    """A mail as its reader would see it."""

    recipients: str
    subject: str
    sent: str
    text: str


def mails_in(folder: Path) -> list[KeptMail]:
    """Return the newest mails of the folder, newest first; none while the folder does not exist."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:SHOWN_MAX]
    return [mail for file in files for mail in reversed(_mails_of(file))][:SHOWN_MAX]


def _mails_of(file: Path) -> list[KeptMail]:
    parts = file.read_bytes().split(b"\n" + _LINE_BETWEEN_MAILS + b"\n")
    return [_read(part) for part in parts if part.strip()]


def _read(source: bytes) -> KeptMail:
    message = email.message_from_bytes(source, policy=email.policy.default)
    body = message.get_body(("plain",))
    return KeptMail(
        recipients=str(message["To"]),
        subject=str(message["Subject"]),
        sent=str(message["Date"]),
        text=str(body.get_content()).strip() if body else "",
    )
