"""The pinned ffmpeg binary, called through the child runner: no prompts, a deadline, the tail of its log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import imageio_ffmpeg

from apps.pipeline.render.process import Limits, run_child

QUIET = ("-nostdin", "-hide_banner", "-loglevel", "error", "-y")


@cache
def binary() -> str:
    """Return the path of the wheel's ffmpeg."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def run_ffmpeg(arguments: Sequence[str], *, deadline_seconds: float) -> str:
    """Run ffmpeg with `arguments` (inputs, graph, outputs) and return the tail of its log. Raises ChildFailed."""
    _, log = run_child([binary(), *QUIET, *arguments], Limits(deadline_seconds=deadline_seconds))
    return log
