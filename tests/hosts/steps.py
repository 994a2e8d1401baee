"""Pipelines whose steps are to be made on given hosts, or take long enough for a host to be cut off meanwhile."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Iterable

from django.conf import settings

from apps.pipeline import manifest
from apps.pipeline.contracts import Blob
from apps.pipeline.render.process import Limits, run_child
from apps.pipeline.steps.base import Context, Step
from apps.pipeline.steps.render import RenderStep
from tests.engine import trivial_steps
from tests.engine.trivial_steps import Pack, Parts, Text, Words

LONG_SECONDS = 25
# About a scene of the film of these tests.
_CHUNK_SECONDS = 5


class LongParts(Parts):
    """On the left host CHILD waits for a program, and LATE asks nobody whether it may go on; elsewhere all is quick."""

    def make_part(self, request: Text, context: Context) -> Blob:
        if os.environ.get("HOST_NAME") == "left":
            if request.text == "CHILD":
                run_child(["sleep", str(LONG_SECONDS)], Limits(deadline_seconds=60))
            if request.text == "LATE":
                time.sleep(LONG_SECONDS)
        return super().make_part(request, context)


def _turn_about(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Give every step another queue than the one before it."""
    made = []
    for number, step in enumerate(steps):
        placed = copy.copy(step)
        placed.queue = ("left", "right")[number % 2]
        made.append(placed)
    return tuple(made)


def _in_chunks(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Let even a short film be filmed in chunks."""
    render = RenderStep(cache_folder=settings.CACHE_DIR, chunk_seconds=_CHUNK_SECONDS)
    return tuple(render if step.name == "render" else step for step in steps)


TRIVIAL_TURN_ABOUT = _turn_about(trivial_steps.STEPS)
FILM_TURN_ABOUT = _turn_about(manifest.STEPS)
FILM = _in_chunks(manifest.STEPS)
TRIVIAL = trivial_steps.STEPS
LONG: tuple[Step, ...] = (Words(), LongParts(), Pack())
