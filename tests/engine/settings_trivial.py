from canvascast.settings.test import *  # noqa: F403 - the test settings with another pipeline

PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
