"""A worker whose mail server's border kills it once, at the moment that the environment names."""

import os

from canvascast.settings.test import *  # noqa: F403 - the test settings with another mail backend

EMAIL_BACKEND = "tests.notifications.deadly_backend.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = "127.0.0.1", int(os.environ.get("MAIL_PORT", "0")), 5
DEATH_MOMENT = os.environ.get("DEATH_MOMENT", "")
