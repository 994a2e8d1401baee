"""Production's settings with a page that breaks by telling every secret, as a library's error might."""

from canvascast.settings.production import *  # noqa: F403 - settings modules build on each other

ROOT_URLCONF = "tests.canaries.urls"
ALLOWED_HOSTS = ["testserver"]
EMAIL_TIMEOUT = 2
# Compressing every file takes a minute and tells nothing of secrets.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
