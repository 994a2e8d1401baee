"""The pinned ffmpeg binary, called through the child runner: no prompts, a deadline, the tail of its log."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from functools import cache

import imageio_ffmpeg

from apps.pipeline.providers.errors import Transient
from apps.pipeline.render.process import ChildFailed, Limits, run_child

QUIET = ("-nostdin", "-hide_banner", "-loglevel", "error", "-y")


@cache
def binary() -> str:
    """Return the path of the wheel's ffmpeg."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def ffmpeg_version() -> str:
    """Return what ffmpeg says of itself. Raises OSError or RuntimeError when it does not run."""
    return f"ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}"


def run_ffmpeg(arguments: Sequence[str], *, deadline_seconds: float) -> str:
    """Run ffmpeg with `arguments` (inputs, graph, outputs) and return the tail of its log.

    Raises ChildFailed, and Transient where trying again may help: "disk_full", or "child_killed" by a signal.
    """
    _, log = read_ffmpeg(arguments, Limits(deadline_seconds=deadline_seconds))
    return log


def read_ffmpeg(arguments: Sequence[str], limits: Limits) -> tuple[bytes, str]:
    """Run ffmpeg under `limits` and return its stdout and the tail of its log. Raises as `run_ffmpeg` does."""
    try:
        return run_child([binary(), *QUIET, *arguments], limits)
    except ChildFailed as error:
        if os.strerror(errno.ENOSPC) in str(error):
            raise Transient("disk_full", str(error)) from error
        if error.exit_code is not None and error.exit_code < 0:
            raise Transient("child_killed", str(error)) from error
        raise
