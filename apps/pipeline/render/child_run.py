"""Run the render process over what is missing, and hear its reports as they come."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec

from apps.pipeline.providers.errors import PipelineError, Rejected, Transient
from apps.pipeline.render.child_plan import ChildPlan, ChildReport
from apps.pipeline.render.process import CHILD_ENVIRONMENT, ChildFailed, Limits, end_child, start_child

ROOT = Path(__file__).resolve().parents[3]
STALL_SECONDS = 180.0
_SECONDS_PER_FRAME = 2.0
_START_SECONDS = 300.0
_TICK_SECONDS = 0.5
_TAIL_LINES = 40


def render_in_child(
    plan: ChildPlan,
    on_report: Callable[[ChildReport], None],
    on_wait: Callable[[], None],
    *,
    stall_seconds: float = STALL_SECONDS,
) -> None:
    """Render the plan's segments in a process of their own; return when all are reported.

    `on_wait` is called about twice a second, whether or not anything was reported; what it or `on_report` raises ends
    the child. Raises Rejected and Transient as the child names them, Transient when nothing is heard for
    `stall_seconds` or the work takes far too long or is killed, and ChildFailed with the end of its stderr.
    """
    frames = sum(segment.request.frames for segment in plan.segments)
    limits = Limits(deadline_seconds=_START_SECONDS + frames * _SECONDS_PER_FRAME)
    argv = [sys.executable, "-m", "apps.pipeline.render.child"]
    child = start_child(argv, limits, folder=ROOT, environment=CHILD_ENVIRONMENT)
    ears = _Ears(child)
    try:
        _hear(child, ears, plan, on_report, on_wait, _Patience(stall_seconds, limits.deadline_seconds))
    finally:
        end_child(child)
        ears.close()


def _hear(
    child: subprocess.Popen[bytes],
    ears: _Ears,
    plan: ChildPlan,
    on_report: Callable[[ChildReport], None],
    on_wait: Callable[[], None],
    patience: _Patience,
) -> None:
    unfinished = {segment.number for segment in plan.segments}
    ears.tell(plan)
    while unfinished:
        on_wait()
        try:
            report = ears.next_report(_TICK_SECONDS)
        except PipelineError:
            # Whoever stopped this work may have killed the child, too: that reason comes first.
            on_wait()
            raise
        patience.check(heard=report is not None)
        if report is None:
            continue
        _raise_refusal(report)
        on_report(report)
        unfinished.discard(-1 if report.segment is None else report.segment)


def _raise_refusal(report: ChildReport) -> None:
    if report.sentence:
        raise Rejected(report.code, report.sentence, report.detail)
    if report.code:
        raise Transient(report.code, report.detail)


class _Patience:
    """Notices when the child is silent or slow beyond all reason."""

    def __init__(self, stall_seconds: float, deadline_seconds: float) -> None:
        self._stall_seconds = stall_seconds
        self._heard_at = time.monotonic()
        self._ends_at = self._heard_at + deadline_seconds

    def check(self, *, heard: bool) -> None:
        now = time.monotonic()
        if heard:
            self._heard_at = now
        if now - self._heard_at > self._stall_seconds:
            raise Transient("render_stalled", f"no frame for {self._stall_seconds:.0f} s")
        if now > self._ends_at:
            raise Transient("render_deadline", "the render took far longer than its length allows")


class _Ears:
    """The child's streams, read by threads so that neither side ever waits on a full pipe."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        self._tail: deque[bytes] = deque(maxlen=_TAIL_LINES)
        self._threads = [threading.Thread(target=read, daemon=True) for read in (self._read_reports, self._read_log)]
        for thread in self._threads:
            thread.start()

    def tell(self, plan: ChildPlan) -> None:
        """Send the plan; stdin stays open, as its end would end the child."""
        try:
            assert self._child.stdin is not None
            self._child.stdin.write(msgspec.json.encode(plan) + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError as error:
            raise self._failure() from error

    def next_report(self, timeout: float) -> ChildReport | None:
        """Return the next report, or None when there is none in time. Raises ChildFailed when the child has ended."""
        try:
            line = self._lines.get(timeout=timeout)
        except Empty:
            return None
        if not line:
            raise self._failure()
        return msgspec.json.decode(line, type=ChildReport)

    def close(self) -> None:
        for thread in self._threads:
            thread.join()
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()

    def _failure(self) -> PipelineError:
        """A child that a signal ended (no memory, a stopped worker) may do better next time; any other end is a bug."""
        code = self._child.wait()
        self._threads[1].join()
        tail = b"".join(self._tail).decode("utf-8", "replace")
        detail = f"the render process ended with {code}: {tail}"
        return Transient("render_killed", detail) if code < 0 else ChildFailed("render_failed", detail)

    def _read_reports(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _read_log(self) -> None:
        assert self._child.stderr is not None
        self._tail.extend(self._child.stderr)
