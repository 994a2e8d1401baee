import os

from canvascast.settings.mail import outgoing_mail
from canvascast.settings.test import *  # noqa: F403 - the test settings with another pipeline

PIPELINE_STEPS = "tests.chaos.storm_steps.STEPS"
# A storm orders more than a person would.
MAILS_A_MINUTE = 1_000_000
API_RATES = dict.fromkeys(API_RATES, "100000/min")  # noqa: F405
# As in production.
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}  # noqa: F405
SECRET_KEY = os.environ.get("STORM_SECRET_KEY", SECRET_KEY)  # noqa: F405
# A server of the storm's own, under names that a developer's own key does not have.
if url := os.environ.get("STORM_RESEND_URL", ""):
    os.environ |= {"RESEND_API_KEY": os.environ["STORM_RESEND_KEY"], "RESEND_API_URL": url}
    globals().update(outgoing_mail())
