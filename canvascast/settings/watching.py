"""How the site is watched: who may read its numbers, and where its bugs are told."""

from canvascast import env
from canvascast.version import commit

METRICS_TOKEN = env.value("METRICS_TOKEN", "")
# Prometheus' client reads this variable by itself.
PROMETHEUS_MULTIPROC_DIR = env.value("PROMETHEUS_MULTIPROC_DIR", "")

SENTRY_DSN = env.value("SENTRY_DSN", "")
SENTRY_ENVIRONMENT = env.value("SENTRY_ENVIRONMENT", "production")
SENTRY_RELEASE = env.value("SENTRY_RELEASE", "") or commit()

# The table keeps what is younger than this number of days, whatever is set.
_FUNNEL_DAYS_AT_LEAST = 30
FUNNEL_DAYS = max(env.integer("FUNNEL_DAYS", 400), _FUNNEL_DAYS_AT_LEAST)
