"""Tests: real PostgreSQL, short leases, files in a folder of their own."""

from canvascast import env

# A developer's keys buy nothing in the tests; those that are meant to (`make test-live`) find them here.
LIVE_KEYS = env.forget("OPENAI_API_KEY", "OPENAI_BASE_URL", "GEMINI_API_KEY", "ELEVENLABS_API_KEY", "WHISPER_MODEL")
# Nor do the tests' own faults reach a developer's error tracker.
env.forget("SENTRY_DSN")

from canvascast.settings.base import *  # noqa: E402, F403 - settings modules build on each other
from canvascast.settings.databases import databases  # noqa: E402 - as above

DEBUG = False
SECRET_KEY = "tests-only"  # pragma: allowlist secret
MAILBOX_HMAC_KEY = SECRET_KEY
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DATABASES = databases("postgresql:///canvascast")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A worker of a test is a process of its own, which no test runner keeps from sending mail.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = MAILBOX_DIR  # noqa: F405
LEASE_SECONDS = env.integer("LEASE_SECONDS", 2)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
