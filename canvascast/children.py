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
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MIB, GIB = 1024**2, 1024**3
_PR_SET_PDEATHSIG = 1
_STDERR_TAIL_BYTES = 4000
_PIECE_BYTES = 256 * 1024
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
    """Resource limits of one child. `file_bytes` caps each file that it writes, `output_bytes` its whole stdout.

    Of processor time it gets the deadline's worth of every core: who ends a child that nobody waits for any more.
    """

    deadline_seconds: float
    memory_bytes: int = 4 * GIB
    file_bytes: int = 16 * GIB
    open_files: int = 1024
    output_bytes: int = 64 * MIB

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

    Raises TimedOut past the deadline, and Failed on any other exit code than 0 or for too long an output.
    """
    child = start_child(argv, limits, folder=folder, environment=environment)
    try:
        stdout, tail = _exchange(child, stdin or b"", limits)
    except subprocess.TimeoutExpired as error:
        raise TimedOut(f"{argv[0]} ran over {limits.deadline_seconds:g} s") from error
    finally:
        end_child(child)
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


def _exchange(child: subprocess.Popen[bytes], stdin: bytes, limits: Limits) -> tuple[bytes, str]:
    """Return the child's stdout and the tail of its stderr once it has ended.

    `Popen.communicate` would take in whatever the child writes, and this process would pay for it. Raises Failed and
    subprocess.TimeoutExpired.
    """
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    ends_at = time.monotonic() + limits.deadline_seconds
    output, log = bytearray(), bytearray()
    with child.stdin, child.stdout, child.stderr, selectors.DefaultSelector() as streams:
        os.set_blocking(child.stdin.fileno(), False)
        streams.register(child.stdin, selectors.EVENT_WRITE, (child.stdin, _send, bytearray(stdin)))
        streams.register(child.stdout, selectors.EVENT_READ, (child.stdout, _hear, output))
        streams.register(child.stderr, selectors.EVENT_READ, (child.stderr, _hear, log))
        while streams.get_map():
            for key, _ in streams.select(_left(child, ends_at)):
                stream, pass_on, content = key.data
                if not pass_on(key.fd, content):
                    streams.unregister(stream)
                    stream.close()
            del log[:-_STDERR_TAIL_BYTES]
            if len(output) > limits.output_bytes:
                raise Failed(f"the child wrote more than {limits.output_bytes} bytes")
    child.wait(_left(child, ends_at))
    return bytes(output), log.decode("utf-8", "replace")


def _left(child: subprocess.Popen[bytes], ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise subprocess.TimeoutExpired(child.args, 0)
    return left


def _send(pipe: int, unsent: bytearray) -> bool:
    """Send a piece; return whether there is more, and the child still listens."""
    try:
        del unsent[: os.write(pipe, unsent[:_PIECE_BYTES])]
    except BrokenPipeError:
        return False
    return bool(unsent)


def _hear(pipe: int, heard: bytearray) -> bool:
    """Add a piece to `heard`; return whether more may come."""
    piece = os.read(pipe, _PIECE_BYTES)
    heard.extend(piece)
    return bool(piece)


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
