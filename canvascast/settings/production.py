"""Production: nothing has a default that could be a mistake."""

from canvascast import env
from canvascast.settings.base import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.databases import databases
from canvascast.settings.mail import outgoing_mail, sender

DEBUG = False
SECRET_KEY = env.value("SECRET_KEY")
MAILBOX_HMAC_KEY = env.value("MAILBOX_HMAC_KEY")
SITE_URL = env.value("SITE_URL")
ALLOWED_HOSTS = env.env.list("ALLOWED_HOSTS")
DATABASES = databases()
# A connection of its own for each request would cost more than the request; one that broke is noticed before use.
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
globals().update(outgoing_mail())
DEFAULT_FROM_EMAIL = SERVER_EMAIL = sender()
SECURE_SSL_REDIRECT = True
# Probes and Prometheus come from inside, without a proxy that speaks TLS.
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
DRAFT_COOKIE_NAME = "__Host-draft"
