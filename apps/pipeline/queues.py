"""The queues of the worker service. Which of them there are is a setting: `vendors` and `render` may be missing."""

from __future__ import annotations

from django.conf import settings

from canvascast.hints import QUICK

STEPS = "steps"
VENDORS = "vendors"
RENDER = "render"


def film_queues() -> tuple[str, ...]:
    """Return all that a video needs; the rest is for mail, exports, erasures and what the clock starts."""
    return tuple(queue for queue in settings.QUEUES if queue != QUICK)


def served(queue: str) -> str:
    """Return the queue itself, or the one that does its work where it is not split off."""
    return queue if queue in settings.QUEUES else STEPS
