"""The only place that reads the environment. Every variable is named here, in `.env.example` and in the README."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ

ROOT = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
env.read_env(str(ROOT / ".env"))

VARIABLES: dict[str, str] = {
    "DJANGO_SETTINGS_MODULE": "Settings: canvascast.settings.dev (default), .test or .production",
    "DATABASE_URL": "PostgreSQL; empty in development means the embedded server under var/postgres",
    "SECRET_KEY": "Signs sessions and queue messages; required in production",  # pragma: allowlist secret
    "MAILBOX_HMAC_KEY": "Remembers which mailboxes had trial credits; required in production, never changed",
    "TRIAL_BUDGET_CREDITS": "Trial credits that a day (UTC) may give away; default 5000",
    "ALLOWED_HOSTS": "Host names served in production, comma separated",
    "SITE_URL": "Address of the site, for links",
    "CANVASCAST_VAR": "Folder for everything the program writes; default var/ in the checkout",
    "WORKER_NAME": "Name under which a worker holds its leases; set by the supervisor for its children",
    "WORKER_PROCESSES": "Processes that run steps at once; default: the number of cores, at most 4",
    "RENDER_PROCESSES": "Processes of a queue of its own for rendering; 0 (default): rendered among the other steps",
    "RENDER_CHUNK_SECONDS": "Length of the chunks in which long films are shared out; 120 by default, 0: never",
    "LEASE_SECONDS": "How long a worker may be silent before its work is given to another; default 30",
    "WORKER_GRACE_SECONDS": "How long a stopped worker may still finish what it has begun; default 10",
    "OPENAI_API_KEY": "Writes, speaks, draws and listens with OpenAI; empty: not used",  # pragma: allowlist secret
    "OPENAI_BASE_URL": "Another server with OpenAI's format, a local one perhaps; it only writes unless named",
    "OPENAI_TEXT_MODEL": "Model that writes; default gpt-5-mini",
    "OPENAI_SPEECH_MODEL": "Model that speaks; default gpt-4o-mini-tts",
    "OPENAI_PICTURE_MODEL": "Model that draws; default gpt-image-1-mini",
    "OPENAI_HEARING_MODEL": "Model that times the words, which must give word times; default whisper-1",
    "OPENAI_MODERATION_MODEL": "Model that judges prompts; default omni-moderation-latest",
    "GEMINI_API_KEY": "Draws and writes with Gemini; empty: not used",  # pragma: allowlist secret
    "GEMINI_BASE_URL": "Address of Gemini's API; default https://generativelanguage.googleapis.com/",
    "GEMINI_TEXT_MODEL": "Model that writes; default gemini-2.5-flash",
    "GEMINI_PICTURE_MODEL": "Model that draws; default gemini-2.5-flash-image",
    "ELEVENLABS_API_KEY": "Speaks with ElevenLabs and learns own voices; empty: not used",  # pragma: allowlist secret
    "ELEVENLABS_BASE_URL": "Address of ElevenLabs' API; default https://api.elevenlabs.io",
    "ELEVENLABS_SPEECH_MODEL": "Model that speaks; default eleven_multilingual_v2",
    "MODERATOR": "Who judges texts before anything is made: word-list or openai; default: openai where it has a key",
    "WRITER": "Who writes: sample, openai or gemini; default: the first that has a key, of openai, gemini",
    "SPEAKERS": "Who speaks, comma separated, the first by default: elevenlabs, openai, espeak; default: all set up",
    "PAINTER": "Who draws: illustrator, openai or gemini; default: the first that has a key, of gemini, openai",
    "ALIGNERS": "Who times the words, tried in this order, comma separated; default: all set up",
    "PROVIDER_CONCURRENCY": "Calls open at once, by vendor, as openai=8,elevenlabs=4; default 6 each",
    "PROVIDER_CALLS_A_MINUTE": "Calls a minute, by vendor, as gemini=60; default 300 each",
    "SPEND_CAP_USD_A_CREDIT": "What a video may cost us for each credit of its price, in dollars; default 2",
    "DAILY_BUDGET_USD": "What all vendors together may cost us in a day (UTC), in dollars; default 200",
    "VENDOR_PROCESSES": "Processes that wait for vendors; default 12, none when no vendor is set up",
    "WHISPER_MODEL": "Whisper model for timing words here, as base or small, or a file; empty: not used",
    "WHISPER_FOLDER": "Folder with Whisper's weights; default: models in CANVASCAST_VAR",
    "STRIPE_SECRET_KEY": "Key of the Stripe account; empty means payments are off",  # pragma: allowlist secret
    "STRIPE_WEBHOOK_SECRET": "Signing secret of Stripe's webhook endpoint",  # pragma: allowlist secret
    "STRIPE_API_HOST": "Address of Stripe's API; default https://api.stripe.com",
    "STRIPE_AUTOMATIC_TAX": "1: Stripe adds taxes to every price; set its Tax up first; empty: prices are all there is",
    "TRUSTED_PROXIES": "How many proxies of yours append to X-Forwarded-For; default 0: the header is not believed",
    "GOOGLE_CLIENT_ID": "Log in with Google (OpenID Connect); empty: not offered",
    "GOOGLE_CLIENT_SECRET": "The secret that goes with GOOGLE_CLIENT_ID",  # pragma: allowlist secret
    "GOOGLE_OPENID_URL": "Where Google's OpenID service is described; default https://accounts.google.com",
    "RESEND_API_KEY": "Sends mail through Resend; production needs this or EMAIL_URL",  # pragma: allowlist secret
    "RESEND_WEBHOOK_SECRET": "Signing secret of Resend's webhook to /api/webhooks/email",  # pragma: allowlist secret
    "RESEND_API_URL": "Address of Resend's API; default https://api.resend.com/",
    "EMAIL_URL": "Sends mail through a server, as smtp+tls://… (django-environ's e-mail URLs)",
    "MAIL_FROM": "Sender of all mail, as CanvasCast <hello@example.com>; required in production",
    "MAIL_REPLY_TO": "Where answers to our mail go; empty: to MAIL_FROM",
    "MAILS_A_MINUTE": "Notifications that may leave in a minute; default 300",
    "ASSET_DAYS": "Days after which the files of a finished video are deleted; default 90; 0: they are kept",
    "BACKUP_DAYS": "Days for which backups are kept, told on the privacy page; default 14; 0: none (no --keep)",
    "S3_BUCKET": "Bucket for all files; empty means folders under CANVASCAST_VAR",
    "S3_ENDPOINT_URL": "Address of another S3 server than Amazon's (R2, MinIO)",
    "S3_REGION": "Region of the bucket; default us-east-1, or auto with S3_ENDPOINT_URL",
    "S3_ACCESS_KEY_ID": "Key with which the bucket is used; required with S3_BUCKET",
    "S3_SECRET_ACCESS_KEY": "The key's secret; required with S3_BUCKET",  # pragma: allowlist secret
    "MEDIA_CDN_DOMAIN": "CloudFront domain through which people get films from the bucket; empty: straight from it",
    "MEDIA_CDN_KEY_ID": "Id of the public key that the domain trusts; required with MEDIA_CDN_DOMAIN",
    "MEDIA_CDN_PRIVATE_KEY": "The private key that signs its links, as PEM",  # pragma: allowlist secret
    "BROKER_URL": "What carries hints to workers: redis://HOST:PORT/N or sqs://REGION; empty: PostgreSQL",
    "DISK_FLOOR_BYTES": "Free bytes below which /ready says no; default 1073741824",
    "METRICS_TOKEN": "What Prometheus sends as bearer token to read /metrics; empty: only this machine reads it",
    "PROMETHEUS_MULTIPROC_DIR": "Folder in which the web processes of this machine share their numbers",
    "SENTRY_DSN": "Address of the error tracker (Sentry's format); empty: bugs are in the log alone",
    "SENTRY_ENVIRONMENT": "Which installation this is, for the error tracker; default production",
    "SENTRY_RELEASE": "Which version runs, for the error tracker; default: the program's commit",
    "FUNNEL_DAYS": "Days for which it is counted who came how far, without names; default 400, at least 30",
    "OPERATOR_NAME": "Who runs this site, for its terms and privacy pages, as Example Ltd",
    "OPERATOR_ADDRESS": "Postal address of who runs this site, on one line",
    "OPERATOR_CONTACT": "E-mail address, or address of a page, at which who runs this site can be reached",
    "LOG_LEVEL": "DEBUG, INFO (default), WARNING or ERROR",
}

# Their values are told to nobody. Of an address it is the name and the password in it that are secret.
SECRETS = (
    *("DATABASE_URL", "SECRET_KEY", "MAILBOX_HMAC_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "ELEVENLABS_API_KEY"),
    *("OPENAI_BASE_URL", "GEMINI_BASE_URL", "ELEVENLABS_BASE_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
    *("STRIPE_API_HOST", "GOOGLE_CLIENT_SECRET", "RESEND_API_KEY", "RESEND_WEBHOOK_SECRET", "RESEND_API_URL"),
    *("EMAIL_URL", "S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "METRICS_TOKEN", "SENTRY_DSN"),
    *("BROKER_URL", "MEDIA_CDN_PRIVATE_KEY"),
)
_SHORTEST_SECRET = 6


def secret_values() -> dict[str, str]:
    """Return what is secret in this process' environment, each value with its variable's name."""
    found = {part: name for name in SECRETS for part in _secret_parts(value(name, ""))}
    return {part: name for part, name in found.items() if len(part) >= _SHORTEST_SECRET}


def value(name: str, default: str | None = None) -> str:
    """Return the variable `name` (or the content of the file that NAME_FILE names).

    Raises ImproperlyConfigured when it is missing and has no default.
    """
    _require_listed(name)
    return str(env.str(name, default=default) if default is not None else env.str(name))


def integer(name: str, default: int) -> int:
    """Return the variable `name` as a whole number. Raises ValueError when it is not one."""
    _require_listed(name)
    return int(env.int(name, default=default))


def flag(name: str) -> bool:
    """Return whether the variable `name` is set to 1, true, yes or on."""
    _require_listed(name)
    return bool(env.bool(name, default=False))


def forget(*names: str) -> dict[str, str]:
    """Make the variables empty, for this process and its children; return those that were set."""
    had = {name: value(name, "") for name in names}
    os.environ.update(dict.fromkeys(names, ""))
    return {name: text for name, text in had.items() if text}


def _secret_parts(text: str) -> set[str]:
    if "://" not in text:
        return {text}
    address = urlsplit(text)
    # The key of an error tracker's address is where others have a user's name; that of a database is no secret.
    parts = {address.password or (address.username if address.scheme.startswith("http") else "") or ""}
    return parts | {unquote(part) for part in parts}


def _require_listed(name: str) -> None:
    if name not in VARIABLES:
        raise KeyError(f"{name} is not listed in canvascast.env.VARIABLES")
