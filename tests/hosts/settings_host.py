"""What a host of a test runs with: test settings, a queue for each side, and the pipeline that HOSTS_STEPS names."""

import os

# The key of a server of the test, under a name that the test settings do not forget; they read the base before that.
os.environ["GEMINI_API_KEY"] = os.environ.get("HOSTS_GEMINI_KEY", "")
import canvascast.settings.base  # noqa: F401 - as above
from canvascast.settings.test import *  # noqa: F403 - settings modules build on each other

PIPELINE_STEPS = f"tests.hosts.steps.{os.environ['HOSTS_STEPS']}"
QUEUES = {**QUEUES, "left": 1, "right": 1}  # noqa: F405
Q_CLUSTER = {
    **Q_CLUSTER,  # noqa: F405
    "ALT_CLUSTERS": {name: {"workers": count, "scheduler": name == "quick"} for name, count in QUEUES.items()},
}
ALLOWED_HOSTS = ["*"]
