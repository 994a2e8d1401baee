"""Development: a fresh clone works with no account anywhere."""

import sys

from canvascast import env
from canvascast.logs import logging_settings
from canvascast.settings.base import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.databases import databases

DEBUG = True
SECRET_KEY = env.value("SECRET_KEY", "development-only-key-that-signs-nothing-of-value")
MAILBOX_HMAC_KEY = env.value("MAILBOX_HMAC_KEY", SECRET_KEY)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = MAILBOX_DIR  # noqa: F405
WEBHOOKS_MAY_BE_LOCAL = True
# Passkeys over http, on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
DATABASES = databases("postgresql:///canvascast")
LOGGING = logging_settings(env.value("LOG_LEVEL", "INFO"), pretty=sys.stderr.isatty())
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
