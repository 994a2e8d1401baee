"""Which provider a step of a job gets: the brief names the speaker, settings name the others."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from apps.pipeline.contracts import Brief
from apps.pipeline.providers import registry
from apps.pipeline.steps.base import Step


def provider_for(step: Step, brief: Brief) -> Any:  # Any: the protocol of the step's capability
    """Return the provider of `step`, or None when the step needs none. Raises registry.UnknownProvider."""
    if step.capability is None:
        return None
    if step.capability == "aligner":
        return registry.aligner(_aligners(brief))
    name = brief.voice.provider if step.capability == "speaker" else settings.PROVIDERS[step.capability]
    return registry.provider(step.capability, name)


def _aligners(brief: Brief) -> list[str]:
    """A recording of the user's own can be timed without anybody who listens, after those who do."""
    if brief.recording is None:
        return settings.ALIGNERS
    return [*(name for name in settings.ALIGNERS if name != "speaker-events"), "echo"]


def moderator_for(step: Step) -> Any:  # Any: a Moderator, made by name
    """Return who judges the texts that `step` is given, or None when it is given none by the user."""
    return registry.provider("moderator", settings.PROVIDERS["moderator"]) if step.is_moderated else None
