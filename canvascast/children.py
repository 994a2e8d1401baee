"""Child processes that cannot outlive their work: a deadline, resource limits, and SIGKILL to the whole group.

Every ffmpeg call, the render process and the decoder of pictures go through here. A child leads its own process group
and dies with the thread that started it (Linux); `kill_children` ends all of them when a job is cancelled or its lease
is lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GIB = 1024**3
_PR_SET_PDEATHSIG = 1
_STDERR_TAIL_BYTES = 4000
_children: set[subprocess.Popen[bytes]] = set()
_children_lock = threading.Lock()
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Failed(Exception):
    """The child ended with an error: its exit code, or the signal's number below zero, and the tail of its stderr."""

    def __init__(self, detail: str, exit_code: int | None = None) -> None:
        super().__init__(detail)
        self.exit_code = exit_code


class TimedOut(Failed):
    """The child did not end before its deadline and was killed."""


@dataclass(frozen=True)
class Limits:
    """Resource limits of one child. `file_bytes` caps each file that it writes.

    Of processor time it gets the deadline's worth of every core: who ends a child that nobody waits for any more.
    """

    deadline_seconds: float
    memory_bytes: int = 4 * GIB
    file_bytes: int = 16 * GIB
    open_files: int = 1024

    @property
    def cpu_seconds(self) -> int:
        return math.ceil(self.deadline_seconds) * (os.cpu_count() or 1) + 1


def run_child(
    argv: Sequence[str],
    limits: Limits,
    *,
    stdin: bytes | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[bytes, str]:
    """Run `argv` to its end; return its stdout and the tail of its stderr. `folder`, `environment`: see `start_child`.

    Raises TimedOut past the deadline and Failed on any other exit code than 0.
    """
    child = start_child(argv, limits, folder=folder, environment=environment)
    try:
        stdout, stderr = child.communicate(input=stdin, timeout=limits.deadline_seconds)
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{argv[0]} ran over {limits.deadline_seconds:.0f} s") from error
    finally:
        end_child(child)
    tail = stderr[-_STDERR_TAIL_BYTES:].decode("utf-8", "replace")
    if child.returncode != 0:
        raise Failed(f"{argv[0]} ended with {child.returncode}: {tail}", child.returncode)
    return stdout, tail


def start_child(
    argv: Sequence[str], limits: Limits, *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own with pipes on all three streams; pass it to `end_child` in the end.

    It runs in `folder` and sees only `environment`, where they are given.
    """
    child = subprocess.Popen(  # noqa: S603 - argv lists only, built from enums, numbers and our own paths
        argv,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_limiter(limits),
    )
    with _children_lock:
        _children.add(child)
    return child


def end_child(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's whole group if anything of it is left, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    with _children_lock:
        _children.discard(child)


def kill_children() -> None:
    """Kill every child that runs now, at once; whoever waits for it sees it fail."""
    with _children_lock:
        running = list(_children)
    for child in running:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def _limiter(limits: Limits) -> Callable[[], None]:
    # Before the fork: a process that is larger than the child's memory may be gets no more once that limit is set, not
    # even for the next line of Python. So that limit is also the last.
    allowed = (
        (resource.RLIMIT_CORE, _allowed(resource.RLIMIT_CORE, 0)),
        (resource.RLIMIT_CPU, _allowed(resource.RLIMIT_CPU, limits.cpu_seconds)),
        (resource.RLIMIT_NOFILE, _allowed(resource.RLIMIT_NOFILE, limits.open_files)),
        (resource.RLIMIT_FSIZE, _allowed(resource.RLIMIT_FSIZE, limits.file_bytes)),
        (resource.RLIMIT_AS, _allowed(resource.RLIMIT_AS, limits.memory_bytes)),
    )

    def apply() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for what, most in allowed:
            resource.setrlimit(what, most)

    return apply


def _allowed(what: int, most: int) -> tuple[int, int]:
    """Return a limit, or the lower one that this process has itself: a child of a child cannot be given more."""
    own = resource.getrlimit(what)[1]
    least = most if own == resource.RLIM_INFINITY else min(most, own)
    return least, least
