from canvascast.settings.test import *  # noqa: F403 - the product's own pipeline, with leases and connections as in production

LEASE_SECONDS = 30
API_RATES = dict.fromkeys(API_RATES, "100000/min")  # noqa: F405
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}  # noqa: F405
