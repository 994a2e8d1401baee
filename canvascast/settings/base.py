"""Settings shared by development, tests and production."""

from __future__ import annotations

import os
from pathlib import Path

import django_stubs_ext

from canvascast import env
from canvascast.logs import logging_settings
from canvascast.settings import providers
from canvascast.settings.accounts import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.accounts import ACCOUNT_APPS, ACCOUNT_MIDDLEWARE
from canvascast.settings.admin import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.api import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.broker import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.broker import broker
from canvascast.settings.credits import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.operator import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.payments import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.security import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.storage import *  # noqa: F403 - settings modules build on each other
from canvascast.settings.storage import storages
from canvascast.settings.watching import *  # noqa: F403 - settings modules build on each other

# Lets Django's generic classes be written with their row type (ModelAdmin[User]).
django_stubs_ext.monkeypatch()

BASE_DIR = env.ROOT
VAR_DIR = Path(env.value("CANVASCAST_VAR", str(BASE_DIR / "var")))

SITE_URL = env.value("SITE_URL", "http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.value("MAIL_FROM", "CanvasCast <hello@localhost>")
MAIL_REPLY_TO = env.value("MAIL_REPLY_TO", "")
MAILS_A_MINUTE = env.integer("MAILS_A_MINUTE", 300)
# Programs on one's own machine, over http; nobody but a developer may have these told.
WEBHOOKS_MAY_BE_LOCAL = False
MAILBOX_DIR = VAR_DIR / "mailbox"
INSTALLED_APPS = [
    "unfold",
    # Staff pages are found when the addresses are loaded: commands and workers start without them.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "djstripe",
    "csp",
    "ninja",
    "django_structlog",
    "django_htmx",
    "lucide",
    *ACCOUNT_APPS,
    "apps.accounts",
    "canvascast.funnel",
    "apps.drafts",
    "apps.billing",
    "apps.pipeline",
    "apps.notifications",
    "canvascast.operations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "canvascast.metrics.web.count_answers",
    "canvascast.middleware.RequestLog",
    "canvascast.api.errors.same_shape",
    "canvascast.middleware.Outage",
    "canvascast.middleware.SitePolicy",
    "canvascast.middleware.private_pages",
    "canvascast.middleware.page_for_a_wrong_method",
    "canvascast.middleware.no_nul_in_addresses",
    "canvascast.middleware.body_limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *ACCOUNT_MIDDLEWARE,
    "django_htmx.middleware.HtmxMiddleware",
    "canvascast.site.fragments.redirects_of_pieces",
    "canvascast.site.way_back.way_back_to_the_form",
]
ROOT_URLCONF = "canvascast.urls"
WSGI_APPLICATION = "canvascast.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "canvascast.site.rail.rail",
                "canvascast.site.theme.theme",
                "apps.billing.context.purse",
            ],
        },
    },
]
DRAFT_COOKIE_NAME = "draft"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# The second has what set-up makes: the page font.
STATICFILES_DIRS = [folder for folder in (BASE_DIR / "static", BASE_DIR / "build" / "static") if folder.is_dir()]

STORAGES = storages(VAR_DIR)
SCRATCH_DIR = VAR_DIR / "scratch"
LOG_DIR = VAR_DIR / "log"
CACHE_DIR = VAR_DIR / "cache"

WORKER_NAME = env.value("WORKER_NAME", "")
WORKER_PROCESSES = env.integer("WORKER_PROCESSES", min(os.cpu_count() or 1, 4))
LEASE_SECONDS = env.integer("LEASE_SECONDS", 30)
WORKER_GRACE_SECONDS = env.integer("WORKER_GRACE_SECONDS", 10)
PROVIDER_ACCOUNTS = providers.accounts()
VENDOR_PROCESSES = env.integer("VENDOR_PROCESSES", 12)
RENDER_PROCESSES = env.integer("RENDER_PROCESSES", 0)
# Half a minute of work for two cores; starting the process that films a chunk costs half a second.
RENDER_CHUNK_SECONDS = env.integer("RENDER_CHUNK_SECONDS", 120)
# Processes by queue. A mail or a webhook never waits behind a film, and no core idles while a vendor is waited for.
QUEUES = {"steps": WORKER_PROCESSES, "quick": 2}
QUEUES |= {"vendors": VENDOR_PROCESSES} if providers.far_away(PROVIDER_ACCOUNTS) else {}
QUEUES |= {"render": RENDER_PROCESSES} if RENDER_PROCESSES else {}
# django-q2's own timers must never act: leases and the sweep decide what runs again.
Q_CLUSTER = {
    "name": "canvascast",
    **broker(),
    "poll": 0.2,
    "workers": WORKER_PROCESSES,
    "max_attempts": 1,
    "ack_failures": True,
    "queue_limit": 1,
    "bulk": 1,
    "save_limit": -1,
    "recycle": 1_000_000,
    "scheduler": False,
    "catch_up": False,
    "ALT_CLUSTERS": {name: {"workers": processes, "scheduler": name == "quick"} for name, processes in QUEUES.items()},
}

LOGGING = logging_settings(env.value("LOG_LEVEL", "INFO"), pretty=False)

PROVIDERS = providers.chosen(PROVIDER_ACCOUNTS)
SPEAKERS = providers.speakers(PROVIDER_ACCOUNTS)
CLONER = providers.cloner(PROVIDER_ACCOUNTS)
ALIGNERS = providers.aligners(PROVIDER_ACCOUNTS)
PROVIDER_CONCURRENCY = providers.by_vendor("PROVIDER_CONCURRENCY", 6)
PROVIDER_CALLS_A_MINUTE = providers.by_vendor("PROVIDER_CALLS_A_MINUTE", 300)
SPEND_CAP_USD_A_CREDIT = float(env.value("SPEND_CAP_USD_A_CREDIT", "2"))
DAILY_BUDGET_USD = float(env.value("DAILY_BUDGET_USD", "200"))
PIPELINE_STEPS = "apps.pipeline.manifest.STEPS"
