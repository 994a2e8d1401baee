"""What a host of a test runs with: test settings, a queue for each side, and the pipeline that HOSTS_STEPS names."""

import os

from canvascast.settings.test import *  # noqa: F403 - settings modules build on each other

PIPELINE_STEPS = f"tests.hosts.steps.{os.environ['HOSTS_STEPS']}"
QUEUES = {**QUEUES, "left": 1, "right": 1}  # noqa: F405
Q_CLUSTER = {
    **Q_CLUSTER,  # noqa: F405
    "ALT_CLUSTERS": {name: {"workers": count, "scheduler": name == "quick"} for name, count in QUEUES.items()},
}
ALLOWED_HOSTS = ["*"]
