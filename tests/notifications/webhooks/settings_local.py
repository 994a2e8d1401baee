"""A worker that may call programs on this machine."""

from canvascast.settings.test import *  # noqa: F403 - the test settings with one difference

WEBHOOKS_MAY_BE_LOCAL = True
