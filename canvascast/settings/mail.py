"""How mail leaves: through Resend or any SMTP server in production, into a folder in development."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from canvascast import env


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
