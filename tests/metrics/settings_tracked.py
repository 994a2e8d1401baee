"""For a worker whose bugs a test hears of; the tests' own settings forget whatever tracker is set."""

import os

from tests.engine.settings_trivial import *  # noqa: F403 - settings modules build on each other

SENTRY_DSN = os.environ["TRACKED_DSN"]
