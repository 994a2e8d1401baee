"""The pipeline that settings name, step by step."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from apps.pipeline.steps.base import Step


def steps() -> tuple[Step, ...]:
    """Return the steps in order; what a step reads comes before it."""
    found: tuple[Step, ...] = import_string(settings.PIPELINE_STEPS)
    return found


def published_name(step_name: str) -> str:
    """Return the status under which a step is published; a step that is gone from the pipeline keeps its own name."""
    return next((step.status for step in steps() if step.name == step_name), step_name.upper())


def step_named(name: str) -> Step:
    """Return one step. Raises KeyError when there is none of that name."""
    for step in steps():
        if step.name == name:
            return step
    raise KeyError(name)
