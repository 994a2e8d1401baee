"""Processes of this machine: who descends from whom, and waking up the moment one ends.

On Linux nothing is walked through and nothing is asked twice: a process's children are a file of its own, and its end
is an event. Elsewhere psutil looks four times a second.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

_IS_LINUX = sys.platform == "linux"
_LOOK_SECONDS = 0.25
_PR_SET_CHILD_SUBREAPER = 36
# Kernels without these are looked at as other systems are.
_HAS_EVENTS = _IS_LINUX and hasattr(os, "pidfd_open")
_HAS_CHILDREN = Path("/proc/thread-self/children").exists()
_own: set[int] = set()
_own_lock = threading.Lock()


class Watch:
    """Wakes up whoever waits when one of some processes ends, or when `wake_up` has something to read."""

    def __init__(self, pids: Iterable[int], wake_up: int) -> None:
        self._pids = set(pids)
        self._poll = select.poll()
        self._poll.register(wake_up, select.POLLIN)
        self._ended: set[int] = set()
        self._files: dict[int, int] = {}
        for pid in self._pids if _HAS_EVENTS else ():
            try:
                file = os.pidfd_open(pid)
            except ProcessLookupError:
                self._ended.add(pid)
                continue
            self._files[file] = pid
            self._poll.register(file, select.POLLIN)

    def wait(self, seconds: float) -> None:
        """Return after that time, or at once when something has happened."""
        if not self._ended:
            self._poll.poll(1000 * (seconds if _HAS_EVENTS else min(seconds, _LOOK_SECONDS)))

    def ended(self) -> set[int]:
        """Return those of the processes that have ended."""
        if not _HAS_EVENTS:
            return {pid for pid in self._pids if not _lives(pid)}
        return self._ended | {self._files[file] for file, _ in self._poll.poll(0) if file in self._files}

    def close(self) -> None:
        for file in self._files:
            os.close(file)
        self._files = {}


def descendants(pid: int, *, depth: int) -> set[int]:
    """Return the pids of living children down to `depth` generations."""
    level = {pid}
    found: set[int] = set()
    for _ in range(depth):
        level = {child for parent in level for child in _children(parent) if _lives(child)}
        found |= level
    return found


def adopt_orphans() -> None:
    """Linux: let processes below this one whose parent dies become its children, as they do in a container anyway."""
    if _IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def spawn(argv: Sequence[str], *, environment: Mapping[str, str], files: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, with these open files; pass it to `wait_for` in the end."""
    with _own_lock:
        child = subprocess.Popen(  # noqa: S603 - the caller's own command line
            argv, env=environment, pass_fds=files, start_new_session=True
        )
        _own.add(child.pid)
    return child


def wait_for(child: subprocess.Popen[bytes]) -> None:
    """Wait until a spawned child has ended."""
    child.wait()
    with _own_lock:
        _own.discard(child.pid)


def reap_orphans() -> None:
    """Take adopted children that have ended off the system's list; spawned ones are left to `wait_for`."""
    with _own_lock:
        for pid in _children(os.getpid()) - _own if _IS_LINUX else ():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _children(pid: int) -> set[int]:
    if not _HAS_CHILDREN:
        with contextlib.suppress(psutil.NoSuchProcess):
            return {child.pid for child in psutil.Process(pid).children()}
        return set()
    found: set[int] = set()
    # A child is listed with the thread that made it; threads and processes may end meanwhile.
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found.update(int(child) for child in (task / "children").read_text().split())
    return found


def _lives(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False
