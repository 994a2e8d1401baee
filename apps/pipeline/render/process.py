"""Child processes for steps: those of `canvascast.children`, whose failures the runner knows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from apps.pipeline.providers.errors import PipelineError
from canvascast import children
from canvascast.children import GIB, MIB, Limits, end_child, kill_children, start_child

__all__ = [
    "CHILD_ENVIRONMENT",
    "GIB",
    "MIB",
    "ChildFailed",
    "ChildTimedOut",
    "Limits",
    "end_child",
    "kill_children",
    "run_child",
    "start_child",
]

# A child sees nothing else of this process's environment. Its own work fills the cores: no library needs more threads.
CHILD_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class ChildFailed(PipelineError):
    """The child ended with an error. The detail holds its exit code and the tail of its stderr."""

    exit_code: int | None = None


class ChildTimedOut(ChildFailed):
    """The child did not end before its deadline and was killed."""


def run_child(
    argv: Sequence[str],
    limits: Limits,
    *,
    stdin: bytes | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[bytes, str]:
    """Run a child as `children.run_child` does. Raises ChildTimedOut and ChildFailed in place of its errors."""
    try:
        return children.run_child(argv, limits, stdin=stdin, folder=folder, environment=environment)
    except children.TimedOut as error:
        raise ChildTimedOut("child_timeout", str(error)) from error
    except children.Failed as error:
        failure = ChildFailed("child_failed", str(error))
        failure.exit_code = error.exit_code
        raise failure from error
