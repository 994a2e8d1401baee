"""Can mail leave from here, as far as can be known without sending any?"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.utils import parseaddr
from http import HTTPStatus
from typing import Any, Literal

import requests
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend as Smtp

from apps.notifications import resend

_SECONDS = 5.0
_TAKEN = 250
_AWAY = "whether this machine gets out."
_SEND_BUT_NOT_LOOK = "restricted_api_key"
_RESEND_KEY = "Look at RESEND_API_KEY: Resend does not take it."
_RESEND_AWAY = f"Look at RESEND_API_URL, and {_AWAY}"


@dataclass(frozen=True)
class MailHealth:
    """`fix` says what to do where it is not ok; "unchecked" means that nobody here can tell."""

    state: Literal["ok", "not set", "unchecked", "trouble"]
    text: str
    fix: str = ""


def mail_health() -> MailHealth:
    """Ask whatever takes our mail, within seconds; nothing is sent."""
    backend = settings.EMAIL_BACKEND
    if backend == "apps.notifications.resend.EmailBackend":
        return _resend_health()
    if backend == "django.core.mail.backends.smtp.EmailBackend":
        return _smtp_health()
    fix = "Set MAIL_FROM, and RESEND_API_KEY or EMAIL_URL."
    if backend == "django.core.mail.backends.filebased.EmailBackend":
        return MailHealth("not set", f"the file mailbox: no mail leaves {settings.EMAIL_FILE_PATH}", fix)
    return MailHealth("not set", f"no mail leaves this machine ({backend.split('.')[-2]})", fix)


def _resend_health() -> MailHealth:
    known: dict[str, str] = getattr(settings, "ANYMAIL")  # noqa: B009 - set in production alone
    try:
        answer = resend.domains(url=known["RESEND_API_URL"], key=known["RESEND_API_KEY"], seconds=_SECONDS)
    except requests.RequestException as error:
        return MailHealth("trouble", f"Resend does not answer ({type(error).__name__})", _RESEND_AWAY)
    told = _json(answer)
    if told.get("name") == _SEND_BUT_NOT_LOOK:
        fix = "See at Resend whether the domain is verified, or set RESEND_API_KEY to one with full access."
        return MailHealth("unchecked", f"Resend's key may only send: {_sender()} cannot be checked", fix)
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return MailHealth("unchecked", "Resend is asked too often just now", "Try again in a minute.")
    if 400 <= answer.status_code < 500:
        return MailHealth("trouble", f"Resend refuses the key ({answer.status_code})", _RESEND_KEY)
    if answer.status_code != HTTPStatus.OK or not isinstance(told.get("data"), list):
        return MailHealth("trouble", f"Resend's answer is none ({answer.status_code})", _RESEND_AWAY)
    return _domain_health(told)


def _domain_health(told: dict[str, Any]) -> MailHealth:  # Any: JSON values
    domain = _sender().rpartition("@")[2].lower()
    known = {str(each.get("name")).lower(): each.get("status") for each in told["data"] if isinstance(each, dict)}
    if known.get(domain) == "verified":
        return MailHealth("ok", f"Resend answers, and {domain} is verified there")
    if domain in known:
        fix = f"Set the DNS records that Resend shows for {domain}, and have it verify them."
        return MailHealth("trouble", f"{domain} is not verified at Resend", fix)
    if told.get("has_more"):
        fix = f"See at Resend whether {domain} is verified."
        return MailHealth("unchecked", f"Resend answers; {domain} is not among the first domains that it names", fix)
    fix = f"Add {domain} at Resend with its DNS records, or set MAIL_FROM to an address of a domain that is there."
    return MailHealth("trouble", f"{domain} of MAIL_FROM is no domain of this account at Resend", fix)


def _json(answer: requests.Response) -> dict[str, Any]:  # Any: JSON values
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _smtp_health() -> MailHealth:
    server = get_connection(timeout=_SECONDS)
    assert isinstance(server, Smtp)
    try:
        _talk_to(server)
    except (smtplib.SMTPException, OSError) as error:
        text, fix = _smtp_trouble(error)
        return MailHealth("trouble", text, fix)
    finally:
        server.fail_silently = True
        server.close()
    how = "logs in" if server.username else "asks for no login"
    return MailHealth("ok", f"{server.host} answers, {how} and takes mail from {_sender()}")


def _talk_to(server: Smtp) -> None:
    """Begin as if a mail were to be sent, with TLS and login where they are set, and take it back."""
    server.open()
    talk = server.connection
    assert talk is not None
    talk.ehlo_or_helo_if_needed()
    code, words = talk.mail(_sender())
    if code != _TAKEN:
        raise smtplib.SMTPSenderRefused(code, words, _sender())
    talk.rset()


def _smtp_trouble(error: Exception) -> tuple[str, str]:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refuses the login ({error.smtp_code})", "Look at the name and password in EMAIL_URL."
    if isinstance(error, smtplib.SMTPSenderRefused):
        fix = "Set MAIL_FROM to a sender that it takes, or have it take this one."
        return f"the mail server takes no mail from {_sender()} ({error.smtp_code})", fix
    if isinstance(error, smtplib.SMTPNotSupportedError):
        fix = "Look at EMAIL_URL: smtp+tls:// wants STARTTLS, smtp+ssl:// TLS from the start, smtp:// neither."
        return "the mail server offers no TLS, or no login, as EMAIL_URL wants it", fix
    if isinstance(error, ssl.SSLError):
        return "the mail server's certificate or TLS is not taken", "Look at the host's name and the port in EMAIL_URL."
    fix = f"Look at host and port in EMAIL_URL, and {_AWAY}"
    return f"the mail server does not answer as one ({type(error).__name__})", fix


def _sender() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
