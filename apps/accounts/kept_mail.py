"""Reads the folder that Django's file backend writes mail to."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

SHOWN_MAX = 50
_LINE_BETWEEN_MAILS = b"-" * 79
_CODE = re.compile(r"^[0-9A-Z]{3,8}(?:-[0-9A-Z]{3,8})?$", re.MULTILINE)


@dataclass(frozen=True)
class KeptMail:
    """A mail as its reader would see it. `key` names it in addresses; `html` and `code` are empty where it has none."""

    key: str
    recipients: str
    subject: str
    sent: str
    text: str
    html: str
    code: str


def mails_in(folder: Path) -> list[KeptMail]:
    """Return the newest mails of the folder, newest first; none while the folder does not exist."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:SHOWN_MAX]
    return [mail for file in files for mail in reversed(_mails_of(file))][:SHOWN_MAX]


def mail_in(folder: Path, key: str) -> KeptMail | None:
    """Return one of those mails, None when it is not among them."""
    return next((mail for mail in mails_in(folder) if mail.key == key), None)


def _mails_of(file: Path) -> list[KeptMail]:
    parts = file.read_bytes().split(b"\n" + _LINE_BETWEEN_MAILS + b"\n")
    return [_read(part) for part in parts if part.strip()]


def _read(source: bytes) -> KeptMail:
    message = email.message_from_bytes(source, policy=email.policy.default)
    text = _body(message, "plain")
    code = _CODE.search(text)
    return KeptMail(
        key=hashlib.sha256(source).hexdigest()[:16],
        recipients=str(message["To"]),
        subject=str(message["Subject"]),
        sent=str(message["Date"]),
        text=text,
        html=_with_pictures(_body(message, "html"), message),
        code=code[0] if code else "",
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).strip() if part else ""


def _with_pictures(html: str, message: EmailMessage) -> str:
    """Put the pictures that the mail brings along where it shows them, as a mail program does."""
    for part in message.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        if name and part.get_content_maintype() == "image":
            picture = base64.b64encode(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]  # of one part: bytes
            html = html.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{picture}")
    return html
