"""A service whose database takes what is given back and never answers."""

import time

from django.apps import AppConfig

from tests.engine.settings_trivial import *  # noqa: F403 - the same pipeline
from tests.engine.settings_trivial import INSTALLED_APPS


class DeafDatabase(AppConfig):
    name = "tests.engine"
    label = "deaf_database"

    def ready(self):
        from apps.pipeline import engine

        engine.release_service = lambda *_, **__: time.sleep(120)


INSTALLED_APPS = [*INSTALLED_APPS, f"{__name__}.DeafDatabase"]
