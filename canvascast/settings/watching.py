"""How the site is watched."""

from canvascast import env

METRICS_TOKEN = env.value("METRICS_TOKEN", "")
# Prometheus' client reads this variable by itself.
PROMETHEUS_MULTIPROC_DIR = env.value("PROMETHEUS_MULTIPROC_DIR", "")
