"""How mail leaves: through Resend or any SMTP server in production, into a folder in development."""

from __future__ import annotations

from email.utils import getaddresses
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

from canvascast import env

# Names that no mail leaves from (RFC 6761 and 6762).
_NOWHERE = ("localhost", "localdomain", "local", "invalid", "test", "example")


def sender() -> str:
    """Return the sender of all mail. Raises ImproperlyConfigured, naming the fix, when it is no address of a domain."""
    given = env.value("MAIL_FROM", "")
    try:
        [(_, address)] = getaddresses([given])
        EmailValidator(allowlist=[])(address)
    except (ValueError, ValidationError):
        address = ""
    # The parser mends what was not meant as it stands.
    if "\n" in given or address not in given or address.rpartition(".")[2].lower() in ("", *_NOWHERE):
        raise ImproperlyConfigured(
            "Mail would come from nobody. Set MAIL_FROM to an address of a domain that may send for you, "
            "as 'CanvasCast <hello@example.com>'."
        )
    return given


def outgoing_mail() -> dict[str, Any]:  # Any: settings of several types
    """Return the settings that send mail. Raises ImproperlyConfigured, naming the fix, when nothing says how."""
    if key := env.value("RESEND_API_KEY", ""):
        url = env.value("RESEND_API_URL", "https://api.resend.com/")
        secret = env.value("RESEND_WEBHOOK_SECRET", "")
        return {
            "EMAIL_BACKEND": "apps.notifications.resend.EmailBackend",
            "ANYMAIL": {"RESEND_API_KEY": key, "RESEND_API_URL": url, "REQUESTS_TIMEOUT": 20}
            | ({"RESEND_SIGNING_SECRET": secret} if secret else {}),
        }
    if env.value("EMAIL_URL", ""):
        return {**env.env.email_url("EMAIL_URL"), "EMAIL_TIMEOUT": 20}
    raise ImproperlyConfigured(
        "Nobody could log in: codes go by mail. Set RESEND_API_KEY, or EMAIL_URL to a mail server (smtp+tls://…)."
    )
