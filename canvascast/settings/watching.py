"""How the site is watched: who may read its numbers, and where its bugs are told."""

from canvascast import env

METRICS_TOKEN = env.value("METRICS_TOKEN", "")
# Prometheus' client reads this variable by itself.
PROMETHEUS_MULTIPROC_DIR = env.value("PROMETHEUS_MULTIPROC_DIR", "")

SENTRY_DSN = env.value("SENTRY_DSN", "")
SENTRY_ENVIRONMENT = env.value("SENTRY_ENVIRONMENT", "production")
SENTRY_RELEASE = env.value("SENTRY_RELEASE", "")
