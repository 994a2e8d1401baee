"""Production with a pipeline whose steps cost nothing, so that only the way between them is measured."""

from canvascast.settings.production import *  # noqa: F403 - settings modules build on each other

PIPELINE_STEPS = "tests.engine.trivial_steps.STEPS"
