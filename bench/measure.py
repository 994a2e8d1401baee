"""Run a command and measure its whole process tree: CPU time, wall time and the peak of its anonymous memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_SAMPLE_SECONDS = 0.25
_KIB_PER_MIB = 1024


@dataclass(frozen=True)
class Run:
    """What one command cost. `peak_mib` is None where the system does not tell; `facts` is what it printed as JSON."""

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float | None
    facts: dict[str, Any]


class RunFailed(Exception):
    """The command ended with an error; the message holds the tail of what it said."""


def measured(argv: Sequence[str]) -> Run:
    """Run `argv`, whose last line on stdout is a JSON object. Raises RunFailed."""
    started = time.perf_counter()
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    memory = _MemoryWatch(child.pid)
    memory.start()
    assert child.stdout is not None
    output = child.stdout.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    memory.stop()
    if child.returncode != 0:
        raise RunFailed(f"{argv[0]} ended with {child.returncode}: {output[-2000:]}")
    return Run(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.perf_counter() - started,
        peak_mib=memory.peak_mib,
        facts=json.loads(output.strip().splitlines()[-1]),
    )


class _MemoryWatch(threading.Thread):
    """Samples the anonymous memory of a process and its descendants; shared pages count in parts (Linux only)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(pid)
        self._ended = threading.Event()
        self.peak_mib: float | None = None

    def run(self) -> None:
        if sys.platform != "linux":
            return
        while not self._ended.wait(_SAMPLE_SECONDS):
            self.peak_mib = max(self.peak_mib or 0.0, self._anonymous_mib())

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _anonymous_mib(self) -> float:
        with suppress(psutil.Error):
            family = [self._root, *self._root.children(recursive=True)]
            return sum(_anonymous_kib(member.pid) for member in family) / _KIB_PER_MIB
        return 0.0


def _anonymous_kib(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1])
    return 0
